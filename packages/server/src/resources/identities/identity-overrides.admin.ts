/** Overrides by identifier and feature, with a reason and an end; copied from another identity; all of an environment. */
import {
  identityOverrideInput,
  identityOverrideSchema,
  identityOverridesSchema,
  overrideListLimits,
  overrideListQuery,
  overrideListSchema,
  overridesCloneInput,
  overridesCloneSchema,
} from "@burgee/contract/admin";
import type { Kysely } from "kysely";
import type { EnvironmentScope } from "../../access/access.ts";
import type { Tables } from "../../db/tables.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, type AdminCall, answer, badRequest } from "../../http/admin-door.ts";
import { readCursor, writeCursor } from "../../http/cursor.ts";
import { readNames } from "./actors.store.ts";
import { environmentParams, type IdentityAdminDeps, MAY, scopeFor } from "./admin-scope.ts";
import { conflictOf, RECORD, recordFor, recordOverrideParams, recordParams } from "./by-identifier.ts";
import {
  cloneOverridesOf,
  dropOverride,
  type OverrideCall,
  putOverride,
  shownFeature,
  tagOf,
} from "./identity-override-changes.ts";
import {
  countFilteredOverrides,
  featuresById,
  type ListedOverride,
  listFilteredOverrides,
  type OverrideFilter,
} from "./override-list.store.ts";
import { findFeatureBy, listOverrides } from "./overrides.store.ts";
import { presentIdentityOverride } from "./present-identity-override.ts";

const LIST = `${RECORD}overrides/`;
const ONE = `${LIST}{feature}/`;
const ALL = "/api/v1/environments/{key}/overrides/";
const tag = "identity overrides";
const refusals = { 412: conflictOf(identityOverrideSchema) };

/** Those whose feature is there, with names for numbers. */
async function presentAll(db: Kysely<Tables>, projectId: number, rows: readonly ListedOverride[], now: number) {
  const features = await featuresById(
    db,
    projectId,
    rows.map((row) => row.feature_id),
  );
  const nameOf = await readNames(
    db,
    rows.map((row) => row.updated_by),
  );
  return rows.flatMap((row) => {
    const feature = features.get(row.feature_id);
    const identity = { id: row.identity_id, identifier: row.identifier };
    return feature ? [presentIdentityOverride(row, { feature, identity, nameOf, now })] : [];
  });
}

async function callOf({
  access,
  params,
  audited,
  request,
}: AdminCall<{ readonly key: string; readonly identifier: string }, unknown, unknown>): Promise<OverrideCall> {
  const scope = await scopeFor(access, params.key, MAY.override);
  return { scope, identifier: params.identifier, audited, request };
}

export function mountIdentityOverrides(api: AdminApi, deps: IdentityAdminDeps): void {
  const { db, now } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Overrides of an identity, those that have ended too",
      tag,
      params: recordParams,
      responses: { 200: identityOverridesSchema },
    },
    async ({ access, params }) => {
      const { identity, project } = await recordFor(deps, access, params, MAY.viewOverrides);
      const rows = await listOverrides(db.kysely, identity);
      const listed = rows.map((row) => ({ ...row, identity_id: identity.id }));
      return { results: await presentAll(db.kysely, project.id, listed, now()) };
    },
  );

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "An identity's override of one feature",
      tag,
      params: recordOverrideParams,
      responses: { 200: identityOverrideSchema },
    },
    async ({ access, params }) => {
      const scope = await recordFor(deps, access, params, MAY.viewOverrides);
      const feature = await shownFeature(db.kysely, scope, params.feature);
      const [row] = await listOverrides(db.kysely, scope.identity, feature.id);
      if (!row) throw new AppError("not_found");
      const { body, etag } = await tagOf(db.kysely, row, feature, scope.identity, now());
      return answer(200, body, { ETag: etag });
    },
  );

  mountWrites(api, deps);
  mountList(api, deps);
}

function mountWrites(api: AdminApi, deps: IdentityAdminDeps): void {
  api.route(
    {
      method: "put",
      path: ONE,
      summary: "Override a feature for an identity; may be repeated, and what is left out stays",
      tag,
      params: recordOverrideParams,
      body: identityOverrideInput,
      responses: { 200: identityOverrideSchema, 201: identityOverrideSchema, ...refusals },
    },
    async (call) => {
      const { tagged, isNew } = await putOverride(deps, await callOf(call), call.params.feature, call.body);
      return answer(isNew ? 201 : 200, tagged.body, { ETag: tagged.etag });
    },
  );

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Remove an identity's override of a feature",
      tag,
      params: recordOverrideParams,
      responses: { 204: null, ...refusals },
    },
    async (call) => {
      await dropOverride(deps, await callOf(call), call.params.feature);
      return answer(204);
    },
  );

  api.route(
    {
      method: "post",
      path: `${LIST}clone/`,
      summary: "Copy overrides of another identity of the environment",
      tag,
      params: recordParams,
      body: overridesCloneInput,
      responses: { 200: overridesCloneSchema },
    },
    async (call) => cloneOverridesOf(deps, await callOf(call), call.body),
  );
}

interface ListQuery {
  readonly feature?: string | undefined;
  readonly q?: string | undefined;
  readonly expired?: boolean | undefined;
}

async function filterOf({ db, now }: IdentityAdminDeps, scope: EnvironmentScope, query: ListQuery) {
  const { feature: reference, q = "", expired } = query;
  const feature = reference === undefined ? undefined : await findFeatureBy(db.kysely, scope.project.id, reference);
  if (reference !== undefined && !feature) throw badRequest({ feature: ["There is no such feature."] });
  const filter: OverrideFilter = {
    environmentId: scope.environment.id,
    featureId: feature?.id,
    query: q,
    expired,
    now: now(),
  };
  return { filter, asked: ["overrides", scope.environment.id, feature?.id ?? null, q, expired ?? null] };
}

function mountList(api: AdminApi, deps: IdentityAdminDeps): void {
  const db = deps.db.kysely;
  const { page: usual, countedUpTo: most } = overrideListLimits;
  api.route(
    {
      method: "get",
      path: ALL,
      summary: "Overrides of an environment, or of one feature in it",
      tag,
      params: environmentParams,
      query: overrideListQuery,
      responses: { 200: overrideListSchema },
    },
    async ({ access, params, query }) => {
      const scope = await scopeFor(access, params.key, MAY.viewOverrides);
      const { filter, asked } = await filterOf(deps, scope, query);
      const { cursor, limit = usual } = query;
      const place = cursor === undefined ? undefined : readCursor(cursor, asked, ["string", "number"]);
      const after = place && { identifier: String(place[0]), featureId: Number(place[1]) };
      const found = await listFilteredOverrides(db, filter, after, limit + 1);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next = found.length > limit && last ? writeCursor(asked, [last.identifier, last.feature_id]) : null;
      const count = await countFilteredOverrides(db, filter, most + 1);
      const total = { count: Math.min(count, most), exact: count <= most };
      return { results: await presentAll(db, scope.project.id, page, filter.now), next, total };
    },
  );
}
