/** Environment defaults with bare values, as the environment's own routes show them; and, by a switch, identity overrides. */

import { drf } from "@burgee/contract";
import {
  pageSchema,
  readFlagValue,
  rowId,
  type StatePatch,
  statePatch,
  stateQuery,
  stateSchema,
} from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import type { RequestInfo } from "../../changes/commit.ts";
import { lockEnvironment } from "../../db/lock-rows.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { refuseDirectWrite } from "./direct-writes.ts";
import { type Database, findFeature } from "./features.store.ts";
import { listOptions, sharesOf } from "./options.store.ts";
import { presentIdentityOverride, presentState } from "./present-state.ts";
import { holdState, readShares, type StateDeps, stateEntry, writeState } from "./state-changes.ts";
import { findState, listIdentityOverrides, listStates, type StateRow } from "./states.store.ts";

const LIST = "/api/v1/environments/{key}/featurestates/";
const ONE = "/api/v1/environments/{key}/featurestates/{id}/";
const tag = "feature states";
const listParams = drf.object({ key: drf.string() });
const params = drf.object({ key: drf.string(), id: rowId() });

const notFound = () => new AppError("not_found");

/** Who has overrides is told to those who may see identities, or change their overrides. */
const MAY_SEE_IDENTITIES = ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "MANAGE_IDENTITY_OVERRIDES"];

async function refuseIdentities(access: Access, scope: EnvironmentScope): Promise<void> {
  for (const need of MAY_SEE_IDENTITIES) if (await access.mayInEnvironment(scope, need)) return;
  throw new AppError("forbidden");
}

/** A default of this environment; any other state is not there. */
async function defaultOf(db: Database, { environment }: EnvironmentScope, id: number): Promise<StateRow> {
  const row = await findState(db, id);
  if (!row || row.environment_id !== environment.id || row.feature_segment_id !== null) throw notFound();
  return row;
}

export function mountEnvironmentStates(api: AdminApi, deps: StateDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Defaults of an environment; with anyIdentity, its identity overrides",
      tag,
      params: listParams,
      query: stateQuery,
      responses: { 200: pageSchema(stateSchema) },
    },
    async ({ access, params: { key }, query, request }) => {
      const scope = await access.environment(key, "VIEW");
      const page = pageOf(query);
      const filter = {
        environmentId: scope.environment.id,
        featureId: query.feature,
        featureName: query.feature_name || undefined,
      };
      if (query.anyIdentity !== undefined) {
        await refuseIdentities(access, scope);
        const { count, rows } = await listIdentityOverrides(db.kysely, filter, page.offset, page.limit);
        return answerPage(request, page, count, rows.map(presentIdentityOverride));
      }
      const found = await listStates(db.kysely, { ...filter, defaultsOnly: true }, page.offset, page.limit);
      const shares = await sharesOf(
        db.kysely,
        found.rows.map((row) => row.id),
      );
      const shown = found.rows.map((row) => presentState(row, shares.get(row.id) ?? []));
      return answerPage(request, page, found.count, shown);
    },
  );

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "One default of an environment",
      tag,
      params,
      responses: { 200: stateSchema },
    },
    async ({ access, params: { key, id } }) => {
      const scope = await access.environment(key, "VIEW");
      const { row, shares } = await holdState(db.kysely, await defaultOf(db.kysely, scope, id), null);
      return presentState(row, shares);
    },
  );

  for (const method of ["put", "patch"] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a default; what is left out stays",
        tag,
        params,
        body: statePatch,
        responses: { 200: stateSchema },
      },
      async ({ access, params: { key, id }, body, audited }) => {
        const scope = await access.environment(key, "UPDATE_FEATURE_STATE");
        refuseDirectWrite(scope);
        const { row, shares } = await changeDefault(deps, audited, scope, id, body);
        return presentState(row, shares);
      },
    );
  }
}

function valueIn(body: StatePatch) {
  if (body.feature_state_value === undefined) return undefined;
  const read = readFlagValue(body.feature_state_value);
  if (!read.ok) throw badRequest({ feature_state_value: [read.problem] });
  return read.value;
}

const changeDefault = (
  { db, changes, now }: StateDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  id: number,
  body: StatePatch,
) =>
  changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, scope.environment.id);
    const before = await holdState(trx, await defaultOf(trx, scope, id), null);
    const feature = await findFeature(trx, scope.project.id, before.row.feature_id);
    if (!feature) throw notFound();
    if (body.feature !== undefined && body.feature !== feature.id) {
      throw badRequest({ feature: ["Cannot change the feature of a feature state"] });
    }
    const shares = readShares(body.multivariate_feature_state_values, await listOptions(trx, feature.id));
    const after = await writeState(trx, before, { enabled: body.enabled, value: valueIn(body), shares }, now());
    if (after === before) return { result: after, entries: [] };
    const entries = [stateEntry({ ...scope, feature }, [before, after])];
    return { result: after, entries, environments: [scope.environment.id] };
  });
