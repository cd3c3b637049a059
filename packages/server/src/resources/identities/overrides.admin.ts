/** What single identities are given instead of everybody's value; and what an identity gets of every feature, and why. */

import { drf } from "@burgee/contract";
import {
  cloneOverridesInput,
  effectiveFlagSchema,
  overrideInput,
  overridePatch,
  overrideSchema,
} from "@burgee/contract/admin";
import { decide } from "@burgee/engine";
import { z } from "zod";
import type { Documents } from "../../documents/documents.ts";
import { overrideState } from "../../documents/states.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent, paged } from "../../http/admin-door.ts";
import {
  entry,
  type IdentityAdminDeps,
  type IdentityScope,
  identityFor,
  identityParams,
  itemParams,
  MAY,
  pageOf,
} from "./admin-scope.ts";
import {
  type AdminIdentity,
  deleteOverride,
  findFeature,
  findIdentity,
  findOverride,
  insertOverride,
  listOverrides,
  type OverrideRecord,
  updateOverride,
} from "./identities-admin.store.ts";
import { readValues } from "./override-values.ts";
import { presentEffective, presentOverride, variantsOf } from "./present-override.ts";
import { readStoredTraits } from "./stored-traits.ts";

const LIST = "/api/v1/environments/{key}/identities/{identity}/featurestates/";
const ONE = `${LIST}{id}/`;
const tag = "identity overrides";

export interface OverrideAdminDeps extends IdentityAdminDeps {
  readonly documents: Documents;
}

export function mountOverrides(api: AdminApi, deps: OverrideAdminDeps): void {
  const { db, changes, documents, now } = deps;

  const entryFor = (
    scope: IdentityScope,
    feature: { id: number; name: string },
    made: {
      action: "CREATE" | "UPDATE" | "DELETE";
      before?: OverrideRecord;
      after?: OverrideRecord;
    },
  ) => {
    const { identity } = scope;
    const done = { CREATE: "set", UPDATE: "changed", DELETE: "removed" }[made.action];
    return entry(scope, identity.identifier, {
      action: made.action,
      objectType: "identity_override",
      objectId: (made.after ?? made.before)?.id ?? 0,
      log: `Override of ${feature.name} ${done} for identity ${identity.identifier}`,
      before: made.before ? presentOverride(made.before, identity.id) : null,
      after: made.after ? presentOverride(made.after, identity.id) : null,
      subjects: [{ type: "feature", id: String(feature.id) }],
    });
  };

  /** Every feature for an identity: value, and who decided it. */
  const allFlags = async (scope: IdentityScope) => {
    const environment = await documents.get(scope.environment.id);
    if (!environment) throw new AppError("not_found");
    const { identity } = scope;
    const rows = await listOverrides(db.kysely, identity);
    const overrides = rows.flatMap((row) => overrideState(environment, row) ?? []);
    const traits = readStoredTraits(
      typeof identity.traits === "string" ? identity.traits : JSON.stringify(identity.traits),
    );
    const key = environment.compositeHashKey ? {} : { key: String(identity.id) };
    const outcomes = decide(environment.compiled, { identifier: identity.identifier, traits, overrides, ...key });
    return outcomes.map(presentEffective);
  };

  const featureOf = async (scope: IdentityScope, id: number) => {
    const feature = await findFeature(db.kysely, scope.project.id, id);
    if (!feature) throw badRequest({ feature: [`Invalid pk "${id}" - object does not exist.`] });
    return feature;
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Overrides of an identity",
      tag,
      params: identityParams,
      query: drf.object({
        feature: drf.integer().optional(),
        page: drf.integer({ min: 1 }).optional(),
        page_size: drf.integer({ min: 1 }).optional(),
      }),
      responses: { 200: z.object({ count: z.number(), results: z.array(overrideSchema) }) },
    },
    async ({ access, params, query, request }) => {
      const { identity } = await identityFor(deps, access, params, MAY.viewOverrides);
      const rows = await listOverrides(db.kysely, identity, query.feature);
      const page = pageOf(query);
      const start = (page.page - 1) * page.pageSize;
      const shown = { id: identity.id, identifier: identity.identifier };
      const results = rows.slice(start, start + page.pageSize).map((row) => presentOverride(row, shown));
      return paged(request, page, rows.length, results);
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Override a feature for an identity",
      tag,
      params: identityParams,
      body: overrideInput,
      responses: { 201: overrideSchema },
    },
    async ({ access, params, body, audited }) => {
      const scope = await identityFor(deps, access, params, MAY.override);
      const feature = await featureOf(scope, body.feature);
      const row = await changes.commit(audited, async (trx) => {
        const [held] = await listOverrides(trx, scope.identity, feature.id);
        if (held) throw badRequest({ detail: "Feature state already exists." });
        const values = await readValues(trx, feature.id, body);
        const after = await insertOverride(trx, scope.identity, feature.id, values, now());
        const entries = [entryFor(scope, feature, { action: "CREATE", after })];
        return { result: after, entries, environments: [scope.environment.id] };
      });
      return created(presentOverride(row, scope.identity.id));
    },
  );

  const overrideOf = async (scope: IdentityScope, id: number): Promise<OverrideRecord> => {
    const row = await findOverride(db.kysely, scope.identity, id);
    if (!row) throw new AppError("not_found");
    return row;
  };

  // Before {id}: "all" would else be taken for one.
  api.route(
    {
      method: "get",
      path: `${LIST}all/`,
      summary: "What an identity gets of every feature, and by what",
      tag,
      params: identityParams,
      responses: { 200: z.array(effectiveFlagSchema) },
    },
    async ({ access, params }) => allFlags(await identityFor(deps, access, params, ["VIEW_ENVIRONMENT"])),
  );

  api.route(
    {
      method: "post",
      path: `${LIST}clone-from-given-identity/`,
      summary: "Give an identity exactly the overrides of another one of the environment",
      tag,
      params: identityParams,
      body: cloneOverridesInput,
      responses: { 200: z.array(effectiveFlagSchema) },
    },
    async ({ access, params, body, audited }) => {
      const scope = await identityFor(deps, access, params, MAY.override);
      const source = await findIdentity(db.kysely, scope.environment.id, body.source_identity_id);
      if (!source) throw new AppError("not_found");
      await cloneOverrides(scope, source, audited);
      return allFlags(scope);
    },
  );

  const cloneOverrides = (scope: IdentityScope, source: AdminIdentity, audited: Parameters<typeof changes.commit>[0]) =>
    changes.commit(audited, async (trx) => {
      const { identity } = scope;
      const wanted = source.identifier === identity.identifier ? [] : await listOverrides(trx, source);
      const held = await listOverrides(trx, identity);
      if (source.identifier === identity.identifier) return { result: undefined, entries: [] };
      for (const row of held) await deleteOverride(trx, identity, row.id);
      for (const row of wanted) {
        const variants = variantsOf(row).map(({ option_id, percentage_allocation }) => ({
          option_id,
          percentage_allocation,
        }));
        const values = { enabled: row.enabled === 1, value: row.value, variants };
        await insertOverride(trx, identity, row.feature_id, values, now());
      }
      const made = entry(scope, identity.identifier, {
        action: "UPDATE",
        objectType: "identity",
        objectId: identity.id,
        log: `Overrides of identity ${identity.identifier} replaced by those of ${source.identifier}`,
        before: held.map((row) => presentOverride(row, identity.id)),
        after: wanted.map((row) => presentOverride(row, identity.id)),
        subjects: [...held, ...wanted].map((row) => ({ type: "feature", id: String(row.feature_id) })),
      });
      return { result: undefined, entries: [made], environments: [scope.environment.id] };
    });

  api.route(
    { method: "get", path: ONE, summary: "One override", tag, params: itemParams, responses: { 200: overrideSchema } },
    async ({ access, params }) => {
      const scope = await identityFor(deps, access, params, MAY.viewOverrides);
      return presentOverride(await overrideOf(scope, params.id), scope.identity.id);
    },
  );

  for (const method of ["put", "patch"] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change an override; what is left out stays",
        tag,
        params: itemParams,
        body: overridePatch,
        responses: { 200: overrideSchema },
      },
      async ({ access, params, body, audited }) => {
        const scope = await identityFor(deps, access, params, MAY.override);
        const found = await overrideOf(scope, params.id);
        if (body.feature !== undefined && body.feature !== found.feature_id) {
          throw badRequest({ feature: ["Cannot change the feature of a feature state"] });
        }
        const feature = await featureOf(scope, found.feature_id);
        const row = await changes.commit(audited, async (trx) => {
          const before = await findOverride(trx, scope.identity, params.id);
          if (!before) throw new AppError("not_found");
          const after = await updateOverride(trx, before, await readValues(trx, feature.id, body, before), now());
          const entries = [entryFor(scope, feature, { action: "UPDATE", before, after })];
          return { result: after, entries, environments: [scope.environment.id] };
        });
        return presentOverride(row, scope.identity.id);
      },
    );
  }

  api.route(
    { method: "delete", path: ONE, summary: "Remove an override", tag, params: itemParams, responses: { 204: null } },
    async ({ access, params, audited }) => {
      const scope = await identityFor(deps, access, params, MAY.override);
      const before = await overrideOf(scope, params.id);
      const feature = await featureOf(scope, before.feature_id);
      await changes.commit(audited, async (trx) => {
        await deleteOverride(trx, scope.identity, before.id);
        const entries = [entryFor(scope, feature, { action: "DELETE", before })];
        return { result: undefined, entries, environments: [scope.environment.id] };
      });
      return noContent();
    },
  );
}
