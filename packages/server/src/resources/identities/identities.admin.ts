/** Identities of an environment: search, create, rename, delete. */

import { drf } from "@burgee/contract";
import { identityInput, identityPatch, identitySchema } from "@burgee/contract/admin";
import { z } from "zod";
import { type AdminApi, badRequest, created, noContent, paged } from "../../http/admin-door.ts";
import {
  entry,
  environmentParams,
  type IdentityAdminDeps,
  type IdentityScope,
  identityFor,
  identityParams,
  MAY,
  pageOf,
  scopeFor,
} from "./admin-scope.ts";
import {
  type AdminIdentity,
  deleteIdentity,
  findByIdentifier,
  insertIdentity,
  renameIdentity,
  searchIdentities,
} from "./identities-admin.store.ts";

const LIST = "/api/v1/environments/{key}/identities/";
const ONE = "/api/v1/environments/{key}/identities/{identity}/";
const tag = "identities";

const listQuery = drf.object({
  q: drf
    .string({ allowBlank: true, trim: false })
    .optional()
    .describe('Part of the identifier, any case; "in quotes" exactly.'),
  page: drf.integer({ min: 1 }).optional(),
  page_size: drf.integer({ min: 1 }).optional(),
});

const present = (row: AdminIdentity) => ({ id: row.id, identifier: row.identifier, environment: row.environment_id });

const duplicate = (identifier: string) =>
  badRequest({ identifier: [`An identity "${identifier}" exists in this environment already.`] });

export function mountIdentities(api: AdminApi, deps: IdentityAdminDeps): void {
  const { db, changes, now } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Find identities by identifier",
      tag,
      params: environmentParams,
      query: listQuery,
      responses: { 200: z.object({ count: z.number(), results: z.array(identitySchema) }) },
    },
    async ({ access, params, query, request }) => {
      const { environment } = await scopeFor(access, params.key, MAY.view);
      const page = pageOf(query);
      const found = await searchIdentities(db.kysely, {
        environmentId: environment.id,
        query: query.q ?? "",
        offset: (page.page - 1) * page.pageSize,
        limit: page.pageSize,
      });
      return paged(request, page, found.count, found.rows.map(present));
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create an identity",
      tag,
      params: environmentParams,
      body: identityInput,
      responses: { 201: identitySchema },
    },
    async ({ access, params, body, audited }) => {
      const scope = await scopeFor(access, params.key, MAY.manage);
      const { identifier } = body;
      const row = await changes.commit(audited, async (trx) => {
        if (await findByIdentifier(trx, scope.environment.id, identifier)) throw duplicate(identifier);
        const result = await insertIdentity(trx, scope.environment.id, identifier, now());
        const log = `Identity created: ${identifier}`;
        const after = present(result);
        return {
          result,
          entries: [
            entry(scope, identifier, { action: "CREATE", objectType: "identity", objectId: result.id, log, after }),
          ],
        };
      });
      return created(present(row));
    },
  );

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "One identity",
      tag,
      params: identityParams,
      responses: { 200: identitySchema },
    },
    async ({ access, params }) => present((await identityFor(deps, access, params, MAY.view)).identity),
  );

  const rename = async (
    scope: IdentityScope,
    to: string | undefined,
    audited: Parameters<typeof changes.commit>[0],
  ) => {
    const { identity, environment } = scope;
    if (to === undefined || to === identity.identifier) return present(identity);
    await changes.commit(audited, async (trx) => {
      if (await findByIdentifier(trx, environment.id, to)) throw duplicate(to);
      await renameIdentity(trx, identity, to);
      const change = { action: "UPDATE" as const, objectType: "identity", objectId: identity.id };
      const before = present(identity);
      const log = `Identity ${identity.identifier} renamed to ${to}`;
      const entries = [
        entry(scope, identity.identifier, { ...change, log, before, after: { ...before, identifier: to } }),
      ];
      return { result: undefined, entries, environments: identity.has_overrides === 1 ? [environment.id] : [] };
    });
    return present({ ...identity, identifier: to });
  };

  api.route(
    {
      method: "put",
      path: ONE,
      summary: "Rename an identity",
      tag,
      params: identityParams,
      body: identityInput,
      responses: { 200: identitySchema },
    },
    async ({ access, params, body, audited }) =>
      rename(await identityFor(deps, access, params, MAY.manage), body.identifier, audited),
  );

  api.route(
    {
      method: "patch",
      path: ONE,
      summary: "Rename an identity",
      tag,
      params: identityParams,
      body: identityPatch,
      responses: { 200: identitySchema },
    },
    async ({ access, params, body, audited }) =>
      rename(await identityFor(deps, access, params, MAY.manage), body.identifier, audited),
  );

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete an identity with its traits and overrides",
      tag,
      params: identityParams,
      responses: { 204: null },
    },
    async ({ access, params, audited }) => {
      const scope = await identityFor(deps, access, params, MAY.delete);
      const { identity, environment } = scope;
      await changes.commit(audited, async (trx) => {
        await deleteIdentity(trx, identity);
        const log = `Identity deleted: ${identity.identifier}`;
        const change = { action: "DELETE" as const, objectType: "identity", objectId: identity.id, log };
        const entries = [entry(scope, identity.identifier, { ...change, before: present(identity) })];
        return { result: undefined, entries, environments: identity.has_overrides === 1 ? [environment.id] : [] };
      });
      return noContent();
    },
  );
}
