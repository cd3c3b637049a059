/** What single identities are given instead of everybody's value. */
import { drf } from "@burgee/contract";
import { overrideInput, overridePatch, overrideSchema, pageFields, pageSchema } from "@burgee/contract/admin";
import { applies } from "../../documents/states.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { type IdentityAdminDeps, identityFor, identityParams, itemParams, MAY } from "./admin-scope.ts";
import { addOverride, changeOverride, removeOverride } from "./override-changes.ts";
import { findOverride, listOverrides } from "./overrides.store.ts";
import { presentOverride } from "./present-override.ts";

const LIST = "/api/v1/environments/{key}/identities/{identity}/featurestates/";
const ONE = `${LIST}{id}/`;
const tag = "identity overrides";

const listQuery = drf.object({ feature: drf.integer().optional().describe("A feature's id."), ...pageFields });

export function mountOverrides(api: AdminApi, deps: IdentityAdminDeps): void {
  const { db, now } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Overrides of an identity",
      tag,
      params: identityParams,
      query: listQuery,
      responses: { 200: pageSchema(overrideSchema) },
    },
    async ({ access, params, query, request }) => {
      const { identity } = await identityFor(deps, access, params, MAY.viewOverrides);
      // Those that have ended are no overrides to Flagsmith's clients; by their number they can still be read and written.
      const all = await listOverrides(db.kysely, identity, query.feature);
      const rows = all.filter((row) => applies(row, now()));
      const page = pageOf(query);
      const shown = { id: identity.id, identifier: identity.identifier };
      const results = rows.slice(page.offset, page.offset + page.limit).map((row) => presentOverride(row, shown));
      return answerPage(request, page, rows.length, results);
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One override", tag, params: itemParams, responses: { 200: overrideSchema } },
    async ({ access, params }) => {
      const { identity } = await identityFor(deps, access, params, MAY.viewOverrides);
      const row = await findOverride(db.kysely, identity, params.id);
      if (!row) throw new AppError("not_found");
      return presentOverride(row, identity.id);
    },
  );

  mountWrites(api, deps);
}

function mountWrites(api: AdminApi, deps: IdentityAdminDeps): void {
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
      return created(presentOverride(await addOverride(deps, scope, audited, body), scope.identity.id));
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
        return presentOverride(await changeOverride(deps, scope, audited, params.id, body), scope.identity.id);
      },
    );
  }

  api.route(
    { method: "delete", path: ONE, summary: "Remove an override", tag, params: itemParams, responses: { 204: null } },
    async ({ access, params, audited }) => {
      await removeOverride(deps, await identityFor(deps, access, params, MAY.override), audited, params.id);
      return noContent();
    },
  );
}
