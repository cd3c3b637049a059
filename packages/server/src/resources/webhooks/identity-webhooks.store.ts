/** The identity integration's addresses: at most one an environment. */
import type { Kysely, Selectable } from "kysely";
import type { Tables } from "../../db/tables.ts";
import type { IdentityWebhooksTable } from "../../db/webhook-tables.ts";

type Database = Kysely<Tables>;
export type IdentityWebhookRow = Selectable<IdentityWebhooksTable>;

export const listAllHooks = (db: Database): Promise<IdentityWebhookRow[]> =>
  db.selectFrom("identity_webhooks").selectAll().execute();

export const listHooks = (db: Database, environmentId: number): Promise<IdentityWebhookRow[]> =>
  db.selectFrom("identity_webhooks").selectAll().where("environment_id", "=", environmentId).execute();

export const findHook = (db: Database, environmentId: number, id: number): Promise<IdentityWebhookRow | undefined> =>
  db
    .selectFrom("identity_webhooks")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();

export const insertHook = (db: Database, row: Omit<IdentityWebhookRow, "id">): Promise<IdentityWebhookRow> =>
  db.insertInto("identity_webhooks").values(row).returningAll().executeTakeFirstOrThrow();

export const updateHook = (
  db: Database,
  id: number,
  columns: Partial<Pick<IdentityWebhookRow, "url" | "secret">> & { readonly updated_at: number },
): Promise<IdentityWebhookRow> =>
  db.updateTable("identity_webhooks").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

export const deleteHook = (db: Database, id: number) =>
  db.deleteFrom("identity_webhooks").where("id", "=", id).execute();
