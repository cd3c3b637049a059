/** Webhooks of environments (with an environment) and of organisations (without). */
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../db/tables.ts";
import type { WebhooksTable } from "../../db/webhook-tables.ts";

type Database = Kysely<Tables>;
export type WebhookRow = Selectable<WebhooksTable>;
export type WebhookColumns = Partial<
  Pick<
    WebhookRow,
    | "url"
    | "secret"
    | "enabled"
    | "name"
    | "events"
    | "watches_identities"
    | "failing_since"
    | "disabled_at"
    | "disabled_reason"
  >
>;

export interface WebhookOwner {
  readonly organisationId: number;
  readonly environmentId: number | null;
}

const MAX_WEBHOOKS = 1000;

function webhooks(db: Database, { organisationId, environmentId }: WebhookOwner) {
  const all = db.selectFrom("webhooks").where("organisation_id", "=", organisationId);
  return environmentId === null
    ? all.where("environment_id", "is", null)
    : all.where("environment_id", "=", environmentId);
}

export const listWebhooks = (
  db: Database,
  owner: WebhookOwner,
  offset = 0,
  limit = MAX_WEBHOOKS,
): Promise<WebhookRow[]> => webhooks(db, owner).selectAll().orderBy("id").offset(offset).limit(limit).execute();

export async function countWebhooks(db: Database, owner: WebhookOwner): Promise<number> {
  const { count } = await webhooks(db, owner)
    .select((e) => e.fn.countAll<number | string>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export const findWebhook = (db: Database, owner: WebhookOwner, id: number): Promise<WebhookRow | undefined> =>
  webhooks(db, owner).selectAll().where("id", "=", id).executeTakeFirst();

export const insertWebhook = (trx: Transaction<Tables>, row: Omit<WebhookRow, "id">): Promise<WebhookRow> =>
  trx.insertInto("webhooks").values(row).returningAll().executeTakeFirstOrThrow();

export const updateWebhook = (
  trx: Transaction<Tables>,
  id: number,
  columns: WebhookColumns & { readonly updated_at: number },
): Promise<WebhookRow> =>
  trx.updateTable("webhooks").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

export async function deleteWebhook(trx: Transaction<Tables>, id: number): Promise<void> {
  await trx.deleteFrom("webhooks").where("id", "=", id).execute();
}

/** What a delivery needs, whoever owns the webhook. */
export const findById = (db: Database, id: number): Promise<WebhookRow | undefined> =>
  db.selectFrom("webhooks").selectAll().where("id", "=", id).executeTakeFirst();

export const noteDelivered = (db: Database, id: number, at: number) =>
  db.updateTable("webhooks").set({ failing_since: null, last_delivered_at: at }).where("id", "=", id).execute();

/** Returns since when there was nothing but failures. */
export async function noteFailed(db: Database, id: number, at: number): Promise<number> {
  await db
    .updateTable("webhooks")
    .set({ failing_since: at })
    .where("id", "=", id)
    .where("failing_since", "is", null)
    .execute();
  return (await findById(db, id))?.failing_since ?? at;
}

export const listEnabled = async (db: Database): Promise<number[]> =>
  (await db.selectFrom("webhooks").select("id").where("enabled", "=", 1).execute()).map((row) => row.id);

/** Whom the organisation wants to be told of webhooks that fail. */
export const findNoticeEmail = async (db: Database, organisationId: number): Promise<string | null> => {
  const row = await db
    .selectFrom("organisations")
    .select("webhook_notification_email")
    .where("id", "=", organisationId)
    .executeTakeFirst();
  return row?.webhook_notification_email ?? null;
};
