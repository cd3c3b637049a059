/**
 * Server-side keys of an environment: several, named, with an end. A change of one moves the environment's revision, since
 * that is what makes every node forget the keys it knows.
 */

import { drf } from "@burgee/contract";
import {
  type EnvironmentKeyPatch,
  environmentKeyInput,
  environmentKeyPatch,
  environmentKeySchema,
  rowId,
} from "@burgee/contract/admin";
import { z } from "zod";
import type { EnvironmentScope } from "../../access/access.ts";
import { randomSecret } from "../../access/secrets.ts";
import type { AuditEntry, RequestInfo } from "../../changes/commit.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { isoMicros } from "../../documents/load.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import type { EnvironmentDeps } from "./environment-changes.ts";
import { deleteKey, findKey, insertKey, type KeyRow, listKeys, MAX_KEYS, updateKey } from "./environment-keys.store.ts";

const LIST = "/api/v1/environments/{key}/api-keys/";
const ONE = "/api/v1/environments/{key}/api-keys/{id}/";
const tag = "server-side keys";
const listParams = drf.object({ key: drf.string() });
const params = drf.object({ key: drf.string(), id: rowId() });

const shown = (row: KeyRow) => ({
  active: row.active === 1,
  name: row.name,
  created_at: isoMicros(row.created_at, "Z"),
  expires_at: row.expires_at === null ? null : isoMicros(row.expires_at, "Z"),
});

const presentKey = (row: KeyRow) => ({ id: row.id, key: row.key, ...shown(row) });

/** Without the key itself. */
const entryOf = (
  { project, environment }: EnvironmentScope,
  action: AuditEntry["action"],
  [before, after]: readonly [KeyRow | null, KeyRow | null],
): AuditEntry => {
  const row = (after ?? before) as KeyRow;
  const done = { CREATE: "created", UPDATE: "updated", DELETE: "deleted" }[action];
  return {
    action,
    objectType: "environment_key",
    objectId: String(row.id),
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: environment.id,
    log: `Server-side key ${done}: ${row.name}`,
    before: before && shown(before),
    after: after && shown(after),
  };
};

export function mountEnvironmentKeys(api: AdminApi, deps: EnvironmentDeps): void {
  const { db, changes } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Server-side keys of an environment",
      tag,
      params: listParams,
      responses: { 200: z.array(environmentKeySchema) },
    },
    async ({ access, params: { key } }) => {
      const { environment } = await access.environment(key, "ADMIN");
      return (await listKeys(db.kysely, environment.id)).map(presentKey);
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create a server-side key",
      tag,
      params: listParams,
      body: environmentKeyInput,
      responses: { 201: environmentKeySchema },
    },
    async ({ access, params: { key }, body, audited }) => {
      const scope = await access.environment(key, "ADMIN");
      return created(presentKey(await createKey(deps, audited, scope, body)));
    },
  );

  for (const [method, body] of [
    ["put", environmentKeyInput],
    ["patch", environmentKeyPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Rename, revoke or revive a server-side key, or say when it ends",
        tag,
        params,
        body,
        responses: { 200: environmentKeySchema },
      },
      async ({ access, params: { key, id }, body: wanted, audited }) => {
        const scope = await access.environment(key, "ADMIN");
        return presentKey(await changeKey(deps, audited, scope, id, wanted));
      },
    );
  }

  api.route(
    { method: "delete", path: ONE, summary: "Delete a server-side key", tag, params, responses: { 204: null } },
    async ({ access, params: { key, id }, audited }) => {
      const scope = await access.environment(key, "ADMIN");
      await changes.commit(audited, async (trx) => {
        const row = await findKey(trx, scope.environment.id, id);
        if (!row) throw new AppError("not_found");
        await deleteKey(trx, id);
        const entries = [entryOf(scope, "DELETE", [row, null])];
        return { result: undefined, entries, environments: [scope.environment.id] };
      });
      return noContent();
    },
  );
}

const createKey = (
  { changes, now }: EnvironmentDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  body: EnvironmentKeyPatch & { readonly name: string },
): Promise<KeyRow> =>
  changes.commit(audited, async (trx) => {
    const environmentId = scope.environment.id;
    const held = await listKeys(trx, environmentId);
    if (held.length >= MAX_KEYS) throw badRequest({ detail: `An environment has at most ${MAX_KEYS} keys.` });
    const row = await insertKey(trx, {
      environment_id: environmentId,
      key: `ser.${randomSecret()}`,
      name: body.name,
      active: flag(body.active ?? true),
      created_at: now(),
      expires_at: body.expires_at ?? null,
    });
    return { result: row, entries: [entryOf(scope, "CREATE", [null, row])], environments: [environmentId] };
  });

const changeKey = (
  { changes }: EnvironmentDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  id: number,
  body: EnvironmentKeyPatch,
): Promise<KeyRow> =>
  changes.commit(audited, async (trx) => {
    const before = await findKey(trx, scope.environment.id, id);
    if (!before) throw new AppError("not_found");
    const wanted = { name: body.name, active: flag(body.active), expires_at: body.expires_at };
    const columns = differing(before, wanted);
    if (isEmpty(columns)) return { result: before, entries: [] };
    const after = await updateKey(trx, id, columns);
    return {
      result: after,
      entries: [entryOf(scope, "UPDATE", [before, after])],
      environments: [scope.environment.id],
    };
  });
