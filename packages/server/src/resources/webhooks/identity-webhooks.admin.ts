/** The identity integration, at the address that Flagsmith gives it. */
import { drf } from "@burgee/contract";
import { identityWebhookInput, identityWebhookPatch, identityWebhookSchema, rowId } from "@burgee/contract/admin";
import { z } from "zod";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import type { AuditEntry, Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, isEmpty } from "../../db/differing.ts";
import { lockEnvironment } from "../../db/lock-rows.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { isPrivateHost } from "../../http/private-address.ts";
import {
  deleteHook,
  findHook,
  type IdentityWebhookRow,
  insertHook,
  listHooks,
  updateHook,
} from "./identity-webhooks.store.ts";

export interface IdentityWebhookDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** It may go to addresses of this machine and of private networks. */
  readonly privateWebhooks: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Addresses were changed. */
  readonly refreshIdentityWebhooks: () => Promise<void>;
}

const LIST = "/api/v1/environments/{environment}/integrations/webhook/";
const tag = "webhooks";

const present = ({ id, url, secret }: IdentityWebhookRow) => ({ id, url, secret });
/** Without the secret. */
const audited = ({ url, secret }: IdentityWebhookRow) => ({ url, signed: secret !== "" });

const found = (row: IdentityWebhookRow | undefined): IdentityWebhookRow => {
  if (!row) throw new AppError("not_found");
  return row;
};

const open = (access: Access, key: string): Promise<EnvironmentScope> => access.environment(key, "ADMIN");

function entryOf(
  { project, environment }: EnvironmentScope,
  before: IdentityWebhookRow | null,
  after: IdentityWebhookRow | null,
): AuditEntry {
  const action = before === null ? "CREATE" : after === null ? "DELETE" : "UPDATE";
  const row = (after ?? before) as IdentityWebhookRow;
  const isNewSecret = before !== null && after !== null && before.secret !== after.secret;
  return {
    action,
    objectType: "identity_webhook",
    objectId: String(row.id),
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: environment.id,
    log: `Identity webhook ${{ CREATE: "created", UPDATE: "changed", DELETE: "deleted" }[action]}: ${row.url}`,
    before: before && audited(before),
    after: after && { ...audited(after), ...(isNewSecret ? { secret_changed: true } : {}) },
  };
}

export function mountIdentityWebhooks(api: AdminApi, deps: IdentityWebhookDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "The identity webhook of an environment, in a list of none or one",
      tag,
      params: drf.object({ environment: drf.string() }),
      responses: { 200: z.array(identityWebhookSchema) },
    },
    async ({ access, params }) => {
      const { environment } = await open(access, params.environment);
      return (await listHooks(db.kysely, environment.id)).map(present);
    },
  );

  api.route(
    {
      method: "get",
      path: `${LIST}{id}/`,
      summary: "The identity webhook of an environment",
      tag,
      params: drf.object({ environment: drf.string(), id: rowId() }),
      responses: { 200: identityWebhookSchema },
    },
    async ({ access, params }) => {
      const { environment } = await open(access, params.environment);
      return present(found(await findHook(db.kysely, environment.id, params.id)));
    },
  );

  mountWrites(api, deps);
}

function mountWrites(
  api: AdminApi,
  { db, changes, privateWebhooks, now, refreshIdentityWebhooks }: IdentityWebhookDeps,
) {
  const one = drf.object({ environment: drf.string(), id: rowId() });
  const assertUrl = (url: string | undefined) => {
    if (url === undefined || privateWebhooks || !isPrivateHost(new URL(url).hostname)) return;
    throw badRequest({ url: ["The address leads to this machine or its own network."] });
  };

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Tell an address of each identity that is evaluated",
      tag,
      params: drf.object({ environment: drf.string() }),
      body: identityWebhookInput,
      responses: { 201: identityWebhookSchema },
    },
    async ({ access, params, body, audited: request }) => {
      const scope = await open(access, params.environment);
      assertUrl(body.url);
      const row = await changes.commit(request, async (trx) => {
        await lockEnvironment(db, trx, scope.environment.id);
        const held = await listHooks(trx, scope.environment.id);
        if (held.length > 0) throw badRequest(["WebhookConfiguration for environment already exist."]);
        const times = { created_at: now(), updated_at: now() };
        const { url, secret = "" } = body;
        const made = await insertHook(trx, { environment_id: scope.environment.id, url, secret, ...times });
        return { result: made, entries: [entryOf(scope, null, made)] };
      });
      await refreshIdentityWebhooks();
      return created(present(row));
    },
  );

  for (const [method, schema] of [
    ["put", identityWebhookInput],
    ["patch", identityWebhookPatch],
  ] as const) {
    api.route(
      {
        method,
        path: `${LIST}{id}/`,
        summary: "Change the identity webhook of an environment; what is left out stays",
        tag,
        params: one,
        body: schema,
        responses: { 200: identityWebhookSchema },
      },
      async ({ access, params, body, audited: request }) => {
        const scope = await open(access, params.environment);
        assertUrl(body.url);
        const row = await changes.commit(request, async (trx) => {
          const before = found(await findHook(trx, scope.environment.id, params.id));
          const columns = differing<Pick<IdentityWebhookRow, "url" | "secret">>(before, {
            url: body.url,
            secret: body.secret,
          });
          if (isEmpty(columns)) return { result: before, entries: [] };
          const after = await updateHook(trx, before.id, { ...columns, updated_at: now() });
          return { result: after, entries: [entryOf(scope, before, after)] };
        });
        await refreshIdentityWebhooks();
        return present(row);
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: `${LIST}{id}/`,
      summary: "Stop telling of evaluated identities",
      tag,
      params: one,
      responses: { 204: null },
    },
    async ({ access, params, audited: request }) => {
      const scope = await open(access, params.environment);
      await changes.commit(request, async (trx) => {
        const row = found(await findHook(trx, scope.environment.id, params.id));
        await deleteHook(trx, row.id);
        return { result: undefined, entries: [entryOf(scope, row, null)] };
      });
      await refreshIdentityWebhooks();
      return noContent();
    },
  );
}
