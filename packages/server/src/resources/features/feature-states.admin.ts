/** Defaults and segment overrides with typed values, addressed by number: what infrastructure tools write. */

import { drf } from "@burgee/contract";
import {
  noSuchRow,
  pageSchema,
  readTypedValue,
  rowId,
  type TypedStateInput,
  type TypedStatePatch,
  typedStateInput,
  typedStatePatch,
  typedStateQuery,
  typedStateSchema,
  uuidParams,
} from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import type { RequestInfo } from "../../changes/commit.ts";
import { lockEnvironment } from "../../db/lock-rows.ts";
import { AppError, isAppError } from "../../errors.ts";
import { type AdminApi, badRequest, created } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { refuseDirectWrite } from "./direct-writes.ts";
import { environmentNamed } from "./environment-named.ts";
import { findFeatureSegment } from "./feature-segments.store.ts";
import { type Database, findFeature } from "./features.store.ts";
import { listOptions, sharesOf } from "./options.store.ts";
import { presentTypedState } from "./present-state.ts";
import { addOverrideState } from "./segment-overrides.ts";
import {
  type HeldState,
  heldValue,
  holdState,
  readShares,
  type StateDeps,
  stateEntry,
  writeState,
} from "./state-changes.ts";
import { findState, findStateByUuid, listStates, type StateRow } from "./states.store.ts";

const LIST = "/api/v1/features/featurestates/";
const ONE = "/api/v1/features/featurestates/{id}/";
const tag = "feature states";

const notFound = () => new AppError("not_found");
const needFor = (featureSegmentId: number | null | undefined): string =>
  typeof featureSegmentId === "number" ? "MANAGE_SEGMENT_OVERRIDES" : "UPDATE_FEATURE_STATE";

/** Identities' overrides have routes of their own, where their variants and rights are looked after. */
function refuseIdentity({ identity, identifier }: TypedStatePatch): void {
  if (identity || identifier) {
    throw badRequest({ identity: ["Use environments/{key}/identities/{id}/featurestates/ for identity overrides."] });
  }
}

const present = ({ row, shares }: HeldState) => presentTypedState(row, shares);

export function mountFeatureStates(api: AdminApi, deps: StateDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Defaults and segment overrides of an environment",
      tag,
      query: typedStateQuery,
      responses: { 200: pageSchema(typedStateSchema) },
    },
    async ({ access, query, request }) => {
      if (query.environment === undefined) throw badRequest(["'environment' GET parameter is required."]);
      const { environment } = await access.environment(query.environment, "VIEW");
      const page = pageOf(query);
      const filter = {
        environmentId: environment.id,
        featureId: query.feature,
        featureSegmentId: query.feature_segment,
      };
      const { count, rows } = await listStates(db.kysely, filter, page.offset, page.limit);
      const shares = await sharesOf(
        db.kysely,
        rows.map((row) => row.id),
      );
      return answerPage(
        request,
        page,
        count,
        rows.map((row) => presentTypedState(row, shares.get(row.id) ?? [])),
      );
    },
  );

  api.route(
    {
      method: "get",
      path: `${LIST}get-by-uuid/{uuid}/`,
      summary: "One state by its uuid",
      tag,
      params: uuidParams,
      responses: { 200: typedStateSchema },
    },
    async ({ access, params: { uuid } }) => {
      const row = await findStateByUuid(db.kysely, uuid.toLowerCase());
      await access.environment(row?.environment_id ?? 0, "VIEW");
      return row && present(await holdState(db.kysely, row, null));
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "The state of a segment override whose feature segment is there already",
      tag,
      body: typedStateInput,
      responses: { 201: typedStateSchema },
    },
    async ({ access, body, audited }) => {
      refuseIdentity(body);
      const scope = await environmentNamed(access, body.environment, needFor(body.feature_segment));
      await refuseUnseenSegment(db.kysely, access, body);
      refuseDirectWrite(scope);
      return created(present(await createState(deps, audited, scope, body)));
    },
  );

  for (const [method, body] of [
    ["put", typedStateInput],
    ["patch", typedStatePatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a state; what is left out stays",
        tag,
        params: drf.object({ id: rowId() }),
        body,
        responses: { 200: typedStateSchema },
      },
      async ({ access, params: { id }, body: wanted, audited }) => {
        refuseIdentity(wanted);
        const { scope, row } = await scopeOf(db.kysely, access, id);
        refuseMove(row, wanted);
        refuseDirectWrite(scope);
        return present(await changeState(deps, audited, scope, id, wanted));
      },
    );
  }
}

/** A tie in an environment that the caller may not see is as good as none. */
async function refuseUnseenSegment(db: Database, access: Access, body: TypedStateInput): Promise<void> {
  if (typeof body.feature_segment !== "number") return;
  const tie = await findFeatureSegment(db, body.feature_segment);
  const scope = tie && (await access.environment(tie.environment_id, "VIEW").catch(notSeen));
  if (!scope) throw badRequest({ feature_segment: [noSuchRow(body.feature_segment)] });
}

function notSeen(error: unknown): undefined {
  if (!isAppError(error, "not_found")) throw error;
}

async function scopeOf(db: Database, access: Access, id: number) {
  const row = await findState(db, id);
  if (!row) throw notFound();
  return { row, scope: await access.environment(row.environment_id, needFor(row.feature_segment_id)) };
}

function refuseMove(row: StateRow, { environment, feature, feature_segment: segment }: TypedStatePatch): void {
  const errors: Record<string, string[]> = {};
  const cannot = (what: string) => [`Cannot change the ${what} of a feature state`];
  if (environment !== undefined && environment !== row.environment_id) errors["environment"] = cannot("environment");
  if (feature !== undefined && feature !== row.feature_id) errors["feature"] = cannot("feature");
  if (segment !== undefined && segment !== row.feature_segment_id)
    errors["feature_segment"] = cannot("feature segment");
  if (Object.keys(errors).length > 0) throw badRequest(errors);
}

const createState = (
  { db, changes, now }: StateDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  body: TypedStateInput,
): Promise<HeldState> =>
  changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, scope.environment.id);
    const feature = await findFeature(trx, scope.project.id, body.feature);
    if (!feature) throw badRequest({ feature: ["Feature does not exist in project"] });
    const exists = () =>
      badRequest(["Feature state already exists for this environment, feature, segment & identity combination"]);
    // Every feature has its default in every environment from the start.
    if (typeof body.feature_segment !== "number") throw exists();
    const segment = await findFeatureSegment(trx, body.feature_segment);
    if (!segment || segment.environment_id !== scope.environment.id || segment.feature_id !== feature.id) {
      if (!segment) throw badRequest({ feature_segment: [noSuchRow(body.feature_segment)] });
      throw badRequest({ non_field_errors: ["Feature Segment does not belong to environment."] });
    }
    const filter = { environmentId: scope.environment.id, featureSegmentId: segment.id };
    if ((await listStates(trx, filter, 0, 1)).count > 0) throw exists();
    const shares = readShares(body.multivariate_feature_state_values, await listOptions(trx, feature.id));
    const value = readTypedValue(body.feature_state_value ?? {});
    const after = await addOverrideState(trx, segment, { enabled: body.enabled, value, shares }, now());
    const entries = [stateEntry({ ...scope, feature, segmentName: segment.segment_name }, [null, after])];
    return { result: after, entries, environments: [scope.environment.id] };
  });

const changeState = (
  { db, changes, now }: StateDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  id: number,
  body: TypedStatePatch,
): Promise<HeldState> =>
  changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, scope.environment.id);
    const row = await findState(trx, id);
    const feature = row && (await findFeature(trx, scope.project.id, row.feature_id));
    if (!feature) throw notFound();
    const segment = row.feature_segment_id === null ? undefined : await findFeatureSegment(trx, row.feature_segment_id);
    const before = await holdState(trx, row, segment ?? null);
    const shares = readShares(body.multivariate_feature_state_values, await listOptions(trx, feature.id));
    const value = body.feature_state_value && readTypedValue(body.feature_state_value, heldValue(row));
    const after = await writeState(trx, before, { enabled: body.enabled, value, shares }, now());
    if (after === before) return { result: after, entries: [] };
    const entries = [stateEntry({ ...scope, feature, segmentName: segment?.segment_name }, [before, after])];
    return { result: after, entries, environments: [scope.environment.id] };
  });
