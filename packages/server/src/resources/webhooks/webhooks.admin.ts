/** Where changes of an environment or an organisation are told to. Delivery is not here; a test call is. */
import { drf } from "@burgee/contract";
import {
  organisationWebhookInput,
  organisationWebhookPatch,
  organisationWebhookSchema,
  pageFields,
  pageSchema,
  rowId,
  type WebhookPatch,
  webhookInput,
  webhookPatch,
  webhookSchema,
} from "@burgee/contract/admin";
import { z } from "zod";
import type { Access } from "../../access/access.ts";
import { isoTime } from "../../accounts/present-person.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { isPrivateHost } from "../../http/private-address.ts";
import { mountWebhookTest } from "./webhook-test.admin.ts";
import {
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  updateWebhook,
  type WebhookColumns,
  type WebhookOwner,
  type WebhookRow,
} from "./webhooks.store.ts";

export interface WebhookDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** Webhooks may go to addresses of this machine and of private networks. */
  readonly privateWebhooks: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const tag = "webhooks";
/** One place's; more would only be told the same. */
const MAX = 100;

interface Owner extends WebhookOwner {
  readonly projectId: number | null;
}

const present = (row: WebhookRow) => ({
  id: row.id,
  ...(row.environment_id === null ? { name: row.name } : {}),
  url: row.url,
  enabled: row.enabled === 1,
  secret: row.secret,
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});

/** Without the secret. */
const shown = (row: WebhookRow) => ({
  url: row.url,
  enabled: row.enabled === 1,
  name: row.name,
  signed: row.secret !== "",
});

function entryOf(owner: Owner, before: WebhookRow | null, after: WebhookRow | null): AuditEntry {
  const row = (after ?? before) as WebhookRow;
  const action = before === null ? "CREATE" : after === null ? "DELETE" : "UPDATE";
  const isNewSecret = before !== null && after !== null && before.secret !== after.secret;
  return {
    action,
    objectType: "webhook",
    objectId: String(row.id),
    organisationId: owner.organisationId,
    projectId: owner.projectId,
    environmentId: owner.environmentId,
    log: `Webhook ${{ CREATE: "created", UPDATE: "changed", DELETE: "deleted" }[action]}: ${row.url}`,
    before: before && shown(before),
    after: after && { ...shown(after), ...(isNewSecret ? { secret_changed: true } : {}) },
  };
}

const columnsOf = (body: WebhookPatch): { [Column in keyof WebhookColumns]?: WebhookColumns[Column] | undefined } => ({
  url: body.url,
  enabled: flag(body.enabled),
  secret: body.secret,
  name: body.name,
});

const found = (row: WebhookRow | undefined): WebhookRow => {
  if (!row) throw new AppError("not_found");
  return row;
};

function createWrites({ db, changes, privateWebhooks, now }: WebhookDeps) {
  const assertUrl = (url: string | undefined) => {
    if (url === undefined || privateWebhooks || !isPrivateHost(new URL(url).hostname)) return;
    throw badRequest({ url: ["The address leads to this machine or its own network."] });
  };

  return {
    create: async (owner: Owner, audited: RequestInfo, body: WebhookPatch & { readonly url: string }) => {
      assertUrl(body.url);
      if ((await countWebhooks(db.kysely, owner)) >= MAX)
        throw badRequest({ detail: `There are ${MAX} webhooks already.` });
      return changes.commit(audited, async (trx) => {
        const row = await insertWebhook(trx, {
          organisation_id: owner.organisationId,
          environment_id: owner.environmentId,
          name: body.name ?? null,
          url: body.url,
          secret: body.secret ?? "",
          enabled: body.enabled === false ? 0 : 1,
          created_at: now(),
          updated_at: now(),
        });
        return { result: row, entries: [entryOf(owner, null, row)] };
      });
    },
    update: async (owner: Owner, audited: RequestInfo, id: number, body: WebhookPatch) => {
      const before = found(await findWebhook(db.kysely, owner, id));
      const columns = differing<WebhookColumns>(before, columnsOf(body));
      assertUrl(columns.url);
      if (isEmpty(columns)) return before;
      return changes.commit(audited, async (trx) => {
        const after = await updateWebhook(trx, id, { ...columns, updated_at: now() });
        return { result: after, entries: [entryOf(owner, before, after)] };
      });
    },
    remove: async (owner: Owner, audited: RequestInfo, id: number) => {
      const row = found(await findWebhook(db.kysely, owner, id));
      await changes.commit(audited, async (trx) => {
        await deleteWebhook(trx, id);
        return { result: undefined, entries: [entryOf(owner, row, null)] };
      });
    },
  };
}

export function mountWebhooks(api: AdminApi, deps: WebhookDeps): void {
  mountOfEnvironments(api, deps);
  mountOfOrganisations(api, deps);
  mountWebhookTest(api, deps);
}

function mountOfEnvironments(api: AdminApi, deps: WebhookDeps): void {
  const { db } = deps;
  const writes = createWrites(deps);
  const LIST = "/api/v1/environments/{environment}/webhooks/";
  const listParams = drf.object({ environment: drf.string() });
  const params = drf.object({ environment: drf.string(), id: rowId() });

  const open = async (access: Access, key: string): Promise<Owner> => {
    const { project, environment } = await access.environment(key, "ADMIN");
    return { organisationId: project.organisation_id, projectId: project.id, environmentId: environment.id };
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Webhooks of an environment",
      tag,
      params: listParams,
      responses: { 200: z.array(webhookSchema) },
    },
    async ({ access, params: { environment } }) =>
      (await listWebhooks(db.kysely, await open(access, environment))).map(present),
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Add a webhook to an environment",
      tag,
      params: listParams,
      body: webhookInput,
      responses: { 201: webhookSchema },
    },
    async ({ access, params: { environment }, body, audited }) =>
      created(present(await writes.create(await open(access, environment), audited, body))),
  );

  api.route(
    {
      method: "get",
      path: `${LIST}{id}/`,
      summary: "One webhook of an environment",
      tag,
      params,
      responses: { 200: webhookSchema },
    },
    async ({ access, params: { environment, id } }) =>
      present(found(await findWebhook(db.kysely, await open(access, environment), id))),
  );

  for (const [method, body] of [
    ["put", webhookInput],
    ["patch", webhookPatch],
  ] as const) {
    api.route(
      {
        method,
        path: `${LIST}{id}/`,
        summary: "Change a webhook of an environment; what is left out stays",
        tag,
        params,
        body,
        responses: { 200: webhookSchema },
      },
      async ({ access, params: { environment, id }, body: wanted, audited }) =>
        present(await writes.update(await open(access, environment), audited, id, wanted)),
    );
  }

  api.route(
    {
      method: "delete",
      path: `${LIST}{id}/`,
      summary: "Delete a webhook of an environment",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { environment, id }, audited }) => {
      await writes.remove(await open(access, environment), audited, id);
      return noContent();
    },
  );
}

function mountOfOrganisations(api: AdminApi, deps: WebhookDeps): void {
  const { db } = deps;
  const writes = createWrites(deps);
  const LIST = "/api/v1/organisations/{organisation}/webhooks/";
  const listParams = drf.object({ organisation: rowId() });
  const params = drf.object({ organisation: rowId(), id: rowId() });

  const open = async (access: Access, id: number): Promise<Owner> => {
    await access.organisation(id, "ADMIN");
    return { organisationId: id, projectId: null, environmentId: null };
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Webhooks of an organisation",
      tag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(organisationWebhookSchema) },
    },
    async ({ access, params: { organisation }, query, request }) => {
      const owner = await open(access, organisation);
      const page = pageOf(query);
      const rows = await listWebhooks(db.kysely, owner, page.offset, page.limit);
      return answerPage(request, page, await countWebhooks(db.kysely, owner), rows.map(present));
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Add a webhook to an organisation",
      tag,
      params: listParams,
      body: organisationWebhookInput,
      responses: { 201: organisationWebhookSchema },
    },
    async ({ access, params: { organisation }, body, audited }) =>
      created(present(await writes.create(await open(access, organisation), audited, body))),
  );

  api.route(
    {
      method: "get",
      path: `${LIST}{id}/`,
      summary: "One webhook of an organisation",
      tag,
      params,
      responses: { 200: organisationWebhookSchema },
    },
    async ({ access, params: { organisation, id } }) =>
      present(found(await findWebhook(db.kysely, await open(access, organisation), id))),
  );

  for (const [method, body] of [
    ["put", organisationWebhookInput],
    ["patch", organisationWebhookPatch],
  ] as const) {
    api.route(
      {
        method,
        path: `${LIST}{id}/`,
        summary: "Change a webhook of an organisation; what is left out stays",
        tag,
        params,
        body,
        responses: { 200: organisationWebhookSchema },
      },
      async ({ access, params: { organisation, id }, body: wanted, audited }) =>
        present(await writes.update(await open(access, organisation), audited, id, wanted)),
    );
  }

  api.route(
    {
      method: "delete",
      path: `${LIST}{id}/`,
      summary: "Delete a webhook of an organisation",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { organisation, id }, audited }) => {
      await writes.remove(await open(access, organisation), audited, id);
      return noContent();
    },
  );
}
