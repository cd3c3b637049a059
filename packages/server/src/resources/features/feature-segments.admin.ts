/** Which segments override a feature in an environment, and in which order. */

import {
  createdFeatureSegmentSchema,
  type FeatureSegmentPatch,
  featureSegmentInput,
  featureSegmentPatch,
  featureSegmentQuery,
  featureSegmentSchema,
  idParams,
  pageSchema,
  prioritiesInput,
  uuidParams,
} from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import type { AuditEntry, RequestInfo } from "../../changes/commit.ts";
import { keepOverride } from "../../db/kept-overrides.ts";
import { lockEnvironment } from "../../db/lock-rows.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { refuseDirectWrite } from "./direct-writes.ts";
import { environmentNamed } from "./environment-named.ts";
import {
  deleteFeatureSegment,
  findFeatureSegment,
  findFeatureSegmentByUuid,
  findFeatureSegments,
  listFeatureSegments,
  type NamedFeatureSegment,
} from "./feature-segments.store.ts";
import { type Database, findFeature } from "./features.store.ts";
import { presentCreatedFeatureSegment, presentFeatureSegment } from "./present-state.ts";
import { closeGaps, movePriorities, type Ordered } from "./priorities.ts";
import { refuseMoreOverrides, segmentFor, tieSegment, writePriorities } from "./segment-overrides.ts";
import { type HeldState, holdState, type StateDeps, stateEntry } from "./state-changes.ts";
import { listStates } from "./states.store.ts";
import { tieEntry } from "./tie-entry.ts";

const LIST = "/api/v1/features/feature-segments/";
const ONE = "/api/v1/features/feature-segments/{id}/";
const tag = "segment overrides";
const MANAGE = "MANAGE_SEGMENT_OVERRIDES";

const notFound = () => new AppError("not_found");

export function mountFeatureSegments(api: AdminApi, deps: StateDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Segments that override a feature in an environment, the strongest first",
      tag,
      query: featureSegmentQuery,
      responses: { 200: pageSchema(featureSegmentSchema) },
    },
    async ({ access, query, request }) => {
      const { environment } = await access.environment(query.environment, "VIEW");
      const rows = await listFeatureSegments(db.kysely, environment.id, query.feature);
      const page = pageOf(query);
      const shown = rows.slice(page.offset, page.offset + page.limit);
      return answerPage(request, page, rows.length, shown.map(presentFeatureSegment));
    },
  );

  const show = async (access: Access, row: NamedFeatureSegment | undefined) => {
    await access.environment(row?.environment_id ?? 0, "VIEW");
    return row && presentFeatureSegment(row);
  };

  api.route(
    {
      method: "get",
      path: `${LIST}get-by-uuid/{uuid}/`,
      summary: "One of them by its uuid",
      tag,
      params: uuidParams,
      responses: { 200: featureSegmentSchema },
    },
    async ({ access, params: { uuid } }) => show(access, await findFeatureSegmentByUuid(db.kysely, uuid.toLowerCase())),
  );

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "One of them",
      tag,
      params: idParams,
      responses: { 200: featureSegmentSchema },
    },
    async ({ access, params: { id } }) => show(access, await findFeatureSegment(db.kysely, id)),
  );

  mountWrites(api, deps);
}

function mountWrites(api: AdminApi, deps: StateDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "post",
      path: `${LIST}update-priorities/`,
      summary: "Put segments of one feature and environment to their places",
      tag,
      body: prioritiesInput,
      responses: { 200: pageSchema(featureSegmentSchema) },
    },
    async ({ access, body, audited, request }) => {
      const rows = await reorder(deps, access, audited, body);
      const page = { ...pageOf({}), pageSize: Math.max(rows.length, 1) };
      return answerPage(request, page, rows.length, rows.map(presentFeatureSegment));
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Let a segment override a feature; its state is created by itself",
      tag,
      body: featureSegmentInput,
      responses: { 201: createdFeatureSegmentSchema },
    },
    async ({ access, body, audited }) => {
      const scope = await environmentNamed(access, body.environment, MANAGE);
      refuseDirectWrite(scope);
      return created(presentCreatedFeatureSegment(await tie(deps, audited, scope, body)));
    },
  );

  for (const [method, body] of [
    ["put", featureSegmentInput],
    ["patch", featureSegmentPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Move one to another place; what it ties together cannot be changed",
        tag,
        params: idParams,
        body,
        responses: { 200: createdFeatureSegmentSchema },
      },
      async ({ access, params: { id }, body: wanted, audited }) => {
        const row = await findFeatureSegment(db.kysely, id);
        await access.environment(row?.environment_id ?? 0, MANAGE);
        if (!row) throw notFound();
        refuseOtherTie(row, wanted);
        const { priority } = wanted;
        if (typeof priority !== "number") return presentCreatedFeatureSegment(row);
        const [moved = row] = await reorder(deps, access, audited, [{ id, priority }]);
        return presentCreatedFeatureSegment(moved);
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Remove a segment override with its state",
      tag,
      params: idParams,
      responses: { 204: null },
    },
    async ({ access, params: { id }, audited }) => {
      const found = await findFeatureSegment(db.kysely, id);
      const scope = await access.environment(found?.environment_id ?? 0, MANAGE);
      refuseDirectWrite(scope);
      await untie(deps, audited, scope, id);
      return noContent();
    },
  );
}

function refuseOtherTie(row: NamedFeatureSegment, { feature, segment, environment }: FeatureSegmentPatch): void {
  const errors: Record<string, string[]> = {};
  const cannot = ["It cannot be changed: remove this and create another."];
  if (feature !== undefined && feature !== row.feature_id) errors["feature"] = cannot;
  if (segment !== undefined && segment !== row.segment_id) errors["segment"] = cannot;
  if (environment !== undefined && environment !== row.environment_id) errors["environment"] = cannot;
  if (Object.keys(errors).length > 0) throw badRequest(errors);
}

const tie = (
  { db, changes }: StateDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  body: { readonly feature: number; readonly segment: number; readonly priority?: number | null | undefined },
): Promise<NamedFeatureSegment> =>
  changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, scope.environment.id);
    const feature = await findFeature(trx, scope.project.id, body.feature);
    if (!feature) throw badRequest({ feature: ["Feature does not exist in project"] });
    await segmentFor(trx, scope, feature, body.segment);
    await refuseMoreOverrides(trx, scope);
    const { id } = await tieSegment(trx, scope, feature, body.segment, body.priority);
    const made = (await findFeatureSegment(trx, id)) as NamedFeatureSegment;
    return { result: made, entries: [tieEntry(scope, [null, made])], environments: [scope.environment.id] };
  });

const untie = ({ db, changes }: StateDeps, audited: RequestInfo, scope: EnvironmentScope, id: number): Promise<void> =>
  changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, scope.environment.id);
    const row = await findFeatureSegment(trx, id);
    if (!row) throw notFound();
    const rows = await listFeatureSegments(trx, row.environment_id, row.feature_id);
    const held = await stateOf(trx, scope, row);
    const kept = keepOverride({ tie: row, state: held?.row, shares: held?.shares ?? [] });
    const entries = [...(await stateEntries(trx, scope, row, held)), tieEntry(scope, [row, null], kept)];
    await deleteFeatureSegment(trx, id);
    await writePriorities(trx, closeGaps(rows, new Set([id])));
    return { result: undefined, entries, environments: [scope.environment.id] };
  });

async function stateOf(trx: Database, scope: EnvironmentScope, tie: NamedFeatureSegment) {
  const filter = { environmentId: scope.environment.id, featureSegmentId: tie.id };
  const [state] = (await listStates(trx, filter, 0, 1)).rows;
  return state && holdState(trx, state, tie);
}

/** The state that goes along. */
async function stateEntries(
  trx: Database,
  scope: EnvironmentScope,
  tie: NamedFeatureSegment,
  held: HeldState | undefined,
): Promise<AuditEntry[]> {
  const feature = held && (await findFeature(trx, scope.project.id, held.row.feature_id));
  return feature ? [stateEntry({ ...scope, feature, segmentName: tie.segment_name }, [held, null])] : [];
}

/** All of them have to be of one feature and environment, in which the caller may order overrides. */
async function scopeOf({ db }: StateDeps, access: Access, moves: readonly Ordered[]) {
  const rows = await findFeatureSegments(
    db.kysely,
    moves.map((move) => move.id),
  );
  const missing = badRequest({ non_field_errors: ["Some of the provided ids were not found."] });
  if (rows.length < moves.length) throw missing;
  const [first] = rows;
  if (!first) return undefined;
  for (const environmentId of new Set(rows.map((row) => row.environment_id))) {
    await access.environment(environmentId, "VIEW").catch((error: unknown) => {
      throw error instanceof AppError && error.code === "not_found" ? missing : error;
    });
  }
  if (rows.some((row) => row.environment_id !== first.environment_id || row.feature_id !== first.feature_id)) {
    const message = "All feature segments must belong to the same feature & environment.";
    throw badRequest({ non_field_errors: [message] });
  }
  return { first, scope: await access.environment(first.environment_id, MANAGE) };
}

async function reorder(
  deps: StateDeps,
  access: Access,
  audited: RequestInfo,
  moves: readonly Ordered[],
): Promise<NamedFeatureSegment[]> {
  const found = await scopeOf(deps, access, moves);
  if (!found) return [];
  const { first, scope } = found;
  refuseDirectWrite(scope);
  const isNamed = (row: NamedFeatureSegment): boolean => moves.some((move) => move.id === row.id);
  return deps.changes.commit(audited, async (trx) => {
    await lockEnvironment(deps.db, trx, scope.environment.id);
    const before = await listFeatureSegments(trx, first.environment_id, first.feature_id);
    const changed = movePriorities(before, moves);
    await writePriorities(trx, changed);
    const after = await listFeatureSegments(trx, first.environment_id, first.feature_id);
    const byId = new Map(before.map((row) => [row.id, row]));
    const entries = after.flatMap((row) => {
      const held = byId.get(row.id);
      return held && held.priority !== row.priority ? [tieEntry(scope, [held, row])] : [];
    });
    return { result: after.filter(isNamed), entries, environments: [scope.environment.id] };
  });
}
