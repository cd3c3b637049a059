/** Identities of an environment: search, create, rename, delete. */

import { drf } from "@burgee/contract";
import { identityInput, identityPatch, identitySchema, pageFields, pageSchema } from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import { identitySubject, type RequestInfo } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import {
  entry,
  environmentParams,
  type IdentityAdminDeps,
  type IdentityScope,
  identityFor,
  identityParams,
  MAY,
  scopeFor,
} from "./admin-scope.ts";
import {
  type AdminIdentity,
  type Database,
  deleteIdentity,
  findByIdentifier,
  findIdentity,
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
  ...pageFields,
});

const present = (row: AdminIdentity) => ({ id: row.id, identifier: row.identifier, environment: row.environment_id });

const duplicate = (identifier: string) =>
  badRequest({ identifier: [`An identity "${identifier}" exists in this environment already.`] });

export function mountIdentities(api: AdminApi, deps: IdentityAdminDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Find identities by identifier",
      tag,
      params: environmentParams,
      query: listQuery,
      responses: { 200: pageSchema(identitySchema) },
    },
    async ({ access, params, query, request }) => {
      const { environment } = await scopeFor(access, params.key, MAY.view);
      const page = pageOf(query);
      const found = await searchIdentities(db.kysely, {
        environmentId: environment.id,
        query: query.q ?? "",
        offset: page.offset,
        limit: page.limit,
      });
      return answerPage(request, page, found.count, found.rows.map(present));
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

  mountWrites(api, deps);
}

function mountWrites(api: AdminApi, deps: IdentityAdminDeps): void {
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
      return created(present(await create(deps, scope, audited, body.identifier)));
    },
  );

  for (const [method, body] of [
    ["put", identityInput],
    ["patch", identityPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Rename an identity",
        tag,
        params: identityParams,
        body,
        responses: { 200: identitySchema },
      },
      async ({ access, params, body: { identifier }, audited }) => {
        const scope = await identityFor(deps, access, params, MAY.manage);
        return present(await rename(deps, scope, audited, identifier));
      },
    );
  }

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
      await remove(deps, await identityFor(deps, access, params, MAY.delete), audited);
      return noContent();
    },
  );
}

const create = (
  { changes, now }: IdentityAdminDeps,
  scope: EnvironmentScope,
  audited: RequestInfo,
  identifier: string,
): Promise<AdminIdentity> =>
  changes.commit(audited, async (trx) => {
    if (await findByIdentifier(trx, scope.environment.id, identifier)) throw duplicate(identifier);
    const row = await insertIdentity(trx, scope.environment.id, identifier, now());
    const change = { action: "CREATE" as const, objectType: "identity", objectId: row.id };
    const log = `Identity created: ${identifier}`;
    return { result: row, entries: [entry(scope, identifier, { ...change, log, after: present(row) })] };
  });

const rename = (
  { changes }: IdentityAdminDeps,
  scope: IdentityScope,
  audited: RequestInfo,
  to: string | undefined,
): Promise<AdminIdentity> =>
  changes.commit(audited, async (trx) => {
    const row = await presentRow(trx, scope);
    if (to === undefined || to === row.identifier) return { result: row, entries: [] };
    if (await findByIdentifier(trx, scope.environment.id, to)) throw duplicate(to);
    await renameIdentity(trx, row, to);
    const renamed = { ...row, identifier: to };
    const made = entry(scope, row.identifier, {
      action: "UPDATE",
      objectType: "identity",
      objectId: row.id,
      log: `Identity ${row.identifier} renamed to ${to}`,
      before: present(row),
      after: present(renamed),
      subjects: [{ type: "identity", id: identitySubject(scope.environment.id, to) }],
    });
    return { result: renamed, entries: [made], environments: overriddenIn(row) };
  });

const remove = ({ changes }: IdentityAdminDeps, scope: IdentityScope, audited: RequestInfo): Promise<void> =>
  changes.commit(audited, async (trx) => {
    const row = await presentRow(trx, scope);
    await deleteIdentity(trx, row);
    const change = { action: "DELETE" as const, objectType: "identity", objectId: row.id };
    const log = `Identity deleted: ${row.identifier}`;
    const entries = [entry(scope, row.identifier, { ...change, log, before: present(row) })];
    return { result: undefined, entries, environments: overriddenIn(row) };
  });

/** As it is inside the transaction: somebody may have renamed or deleted it since the caller was let in. */
async function presentRow(trx: Database, { environment, identity }: IdentityScope): Promise<AdminIdentity> {
  const row = await findIdentity(trx, environment.id, identity.id);
  if (!row) throw new AppError("not_found");
  return row;
}

/** Environments that evaluate differently without it, or under another name. */
const overriddenIn = (row: AdminIdentity): number[] => (row.has_overrides === 1 ? [row.environment_id] : []);
