/** Webhooks of environments (with an environment) and of organisations (without). */
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../db/tables.ts";
import type { WebhooksTable } from "../../db/webhook-tables.ts";

type Database = Kysely<Tables>;
export type WebhookRow = Selectable<WebhooksTable>;
export type WebhookColumns = Partial<Pick<WebhookRow, "url" | "secret" | "enabled" | "name">>;

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
