/** Overrides by identifier on the hosted service's own paths, which end without a slash; one of them says `environments` twice. */
import {
  edgeOverrideInput,
  edgeOverrideQuery,
  edgeOverrideSchema,
  edgeOverridesLimit,
  edgeOverridesSchema,
  edgeOverrideTarget,
} from "@burgee/contract/admin";
import { type AdminApi, badRequest, noContent } from "../../http/admin-door.ts";
import { environmentParams, type IdentityAdminDeps, MAY, scopeFor } from "./admin-scope.ts";
import { dropEdgeOverride, featureNamed, putEdgeOverride } from "./edge-override-changes.ts";
import { listFilteredOverrides } from "./override-list.store.ts";
import type { OverrideRecord } from "./overrides.store.ts";
import { presentOverride } from "./present-override.ts";

const LIST = "/api/v1/environments/{key}/edge-identity-overrides";
const ONE = "/api/v1/environments/environments/{key}/edge-identities-featurestates";
const tag = "identity overrides";

function presentEdge(row: OverrideRecord) {
  const { feature, enabled, feature_state_value, multivariate_feature_state_values } = presentOverride(row, null);
  return {
    feature,
    enabled,
    feature_state_value,
    featurestate_uuid: row.uuid,
    identity_uuid: null,
    multivariate_feature_state_values,
  };
}

export function mountEdgeOverrides(api: AdminApi, deps: IdentityAdminDeps): void {
  const { db, now } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Overrides of an environment, or of one feature in it, as the hosted service lists them",
      tag,
      params: environmentParams,
      query: edgeOverrideQuery,
      responses: { 200: edgeOverridesSchema },
    },
    async ({ access, params, query }) => {
      const scope = await scopeFor(access, params.key, MAY.viewOverrides);
      const feature = query.feature === undefined ? undefined : await featureNamed(db.kysely, scope, query.feature);
      const filter = {
        environmentId: scope.environment.id,
        featureId: feature?.id,
        query: "",
        expired: false,
        now: now(),
      };
      const rows = await listFilteredOverrides(db.kysely, filter, undefined, edgeOverridesLimit + 1);
      if (rows.length > edgeOverridesLimit) {
        const detail = `There are more than ${edgeOverridesLimit} overrides: ask for one feature, or for overrides/, which has pages.`;
        throw badRequest({ detail });
      }
      const results = rows.map((row) => ({
        identifier: row.identifier,
        identity_uuid: null,
        feature_state: presentEdge(row),
      }));
      return { results };
    },
  );

  api.route(
    {
      method: "put",
      path: ONE,
      summary: "Override a feature for the identity with this identifier, made where there is none",
      tag,
      params: environmentParams,
      body: edgeOverrideInput,
      responses: { 200: edgeOverrideSchema },
    },
    async ({ access, params, body, audited }) => {
      const scope = await scopeFor(access, params.key, MAY.override);
      return presentEdge(await putEdgeOverride(deps, scope, audited, body));
    },
  );

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Remove such an override; where there is none, nothing happens",
      tag,
      params: environmentParams,
      body: edgeOverrideTarget,
      responses: { 204: null },
    },
    async ({ access, params, body, audited }) => {
      await dropEdgeOverride(deps, await scopeFor(access, params.key, MAY.override), audited, body);
      return noContent();
    },
  );
}
