/** What webhooks of environments and of organisations share: their shape, their entries in the log, their changes. */
import type { WebhookPatch } from "@burgee/contract/admin";
import { isoTime } from "../../accounts/present-person.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { isPrivateHost } from "../../http/private-address.ts";
import {
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
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

/** One place's; more would only be told the same. */
const MAX = 100;

export interface Owner extends WebhookOwner {
  readonly projectId: number | null;
}

export const presentWebhook = (row: WebhookRow) => ({
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

export const found = (row: WebhookRow | undefined): WebhookRow => {
  if (!row) throw new AppError("not_found");
  return row;
};

export function createWrites({ db, changes, privateWebhooks, now }: WebhookDeps) {
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
