/** What is done to webhooks of environments and of organisations, each as one commit. */
import type { WebhookPatch } from "@burgee/contract/admin";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { isPrivateHost } from "../../http/private-address.ts";
import { watchesIdentities } from "./event.ts";
import { type Database, readEnvironments } from "./events.store.ts";
import { auditedWebhook } from "./present-webhook.ts";
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
  /** What webhooks want to know has changed: waits until it is noted from now on. */
  readonly watch: () => Promise<void>;
  /** There may be something to deliver. */
  readonly wake: () => void;
}

/** One place's; more would only be told the same. */
const MAX = 100;

export interface Owner extends WebhookOwner {
  readonly projectId: number | null;
}

const DONE = { CREATE: "created", UPDATE: "changed", DELETE: "deleted" } as const;

function entryOf(owner: Owner, before: WebhookRow | null, after: WebhookRow | null, log?: string): AuditEntry {
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
    log: log ?? `Webhook ${DONE[action]}: ${row.url}`,
    before: before && auditedWebhook(before),
    after: after && { ...auditedWebhook(after), ...(isNewSecret ? { secret_changed: true } : {}) },
  };
}

/** Of a change that nobody asked for, so that nobody has looked up its place. */
export async function webhookEntry(db: Database, before: WebhookRow, after: WebhookRow, log: string) {
  const { organisation_id: organisationId, environment_id: environmentId } = after;
  const environments = await readEnvironments(db, environmentId === null ? [] : [environmentId]);
  const projectId = environments.get(environmentId ?? 0)?.project_id ?? null;
  return entryOf({ organisationId, environmentId, projectId }, before, after, log);
}

const listed = (events: WebhookPatch["events"]) =>
  events === undefined || events === null ? events : JSON.stringify([...new Set(events)]);

const columnsOf = (body: WebhookPatch): { [Column in keyof WebhookColumns]?: WebhookColumns[Column] | undefined } => ({
  url: body.url,
  enabled: flag(body.enabled),
  secret: body.secret,
  name: body.name,
  events: listed(body.events),
  watches_identities: body.events === undefined ? undefined : flag(watchesIdentities(body.events)),
  // Whoever switches it knows of the failures.
  ...(body.enabled === undefined ? {} : { disabled_at: null, disabled_reason: null, failing_since: null }),
});

export const found = (row: WebhookRow | undefined): WebhookRow => {
  if (!row) throw new AppError("not_found");
  return row;
};

export function createWrites({ db, changes, privateWebhooks, now, watch, wake }: WebhookDeps) {
  const assertUrl = (url: string | undefined) => {
    if (url === undefined || privateWebhooks || !isPrivateHost(new URL(url).hostname)) return;
    throw badRequest({ url: ["The address leads to this machine or its own network."] });
  };

  return {
    create: async (owner: Owner, audited: RequestInfo, body: WebhookPatch & { readonly url: string }) => {
      assertUrl(body.url);
      if ((await countWebhooks(db.kysely, owner)) >= MAX)
        throw badRequest({ detail: `There are ${MAX} webhooks already.` });
      const made = await changes.commit(audited, async (trx) => {
        const row = await insertWebhook(trx, {
          organisation_id: owner.organisationId,
          environment_id: owner.environmentId,
          name: body.name ?? null,
          url: body.url,
          secret: body.secret ?? "",
          enabled: body.enabled === false ? 0 : 1,
          events: listed(body.events) ?? null,
          watches_identities: flag(watchesIdentities(body.events ?? null)),
          failing_since: null,
          last_delivered_at: null,
          disabled_at: null,
          disabled_reason: null,
          created_at: now(),
          updated_at: now(),
        });
        return { result: row, entries: [entryOf(owner, null, row)] };
      });
      if (made.watches_identities === 1) await watch();
      return made;
    },
    update: async (owner: Owner, audited: RequestInfo, id: number, body: WebhookPatch) => {
      const before = found(await findWebhook(db.kysely, owner, id));
      const columns = differing<WebhookColumns>(before, columnsOf(body));
      assertUrl(columns.url);
      if (isEmpty(columns)) return before;
      const changed = await changes.commit(audited, async (trx) => {
        const after = await updateWebhook(trx, id, { ...columns, updated_at: now() });
        return { result: after, entries: [entryOf(owner, before, after)] };
      });
      if (changed.watches_identities === 1 && changed.enabled === 1) await watch();
      // What waited while it was stopped.
      wake();
      return changed;
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
