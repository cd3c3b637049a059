/** What webhooks were sent, or are to be sent, about one identifier. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** As bodies are written: nothing but ASCII. Without its quotes. */
const spelled = (identifier: string): string =>
  JSON.stringify(identifier)
    .slice(1, -1)
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const isOfOrganisation = (organisationId: number) =>
  sql<boolean>`webhook_id in (select id from webhooks where organisation_id = ${organisationId})`;

/** Those whose body holds the identifier as a value, or as a word of a sentence of the audit log. */
export function listNaming(db: Database, organisationId: number, identifier: string) {
  const inner = escapeLike(spelled(identifier));
  const within = [`"${inner}"`, ` ${inner}"`, ` ${inner} `, `"${inner} `, ` ${inner},`, ` ${inner}:`];
  return db
    .selectFrom("webhook_deliveries")
    .select(["id", "state"])
    .where(isOfOrganisation(organisationId))
    .where(sql<boolean>`body like ${`%${inner}%`} escape '\\'`)
    .where((where) => where.or(within.map((text) => sql<boolean>`body like ${`%${text}%`} escape '\\'`)))
    .execute();
}

/** About identities, made after `id`, oldest first. */
export const listIdentityEvents = (db: Database, organisationId: number, id: number, limit: number) =>
  db
    .selectFrom("webhook_deliveries")
    .select(["id", "body"])
    .where(isOfOrganisation(organisationId))
    .where("id", ">", id)
    .where("object_key", "like", "identity:%")
    .orderBy("id")
    .limit(limit)
    .execute();

export async function lastDelivery(db: Database): Promise<number> {
  const row = await db
    .selectFrom("webhook_deliveries")
    .select((e) => e.fn.max("id").as("id"))
    .executeTakeFirst();
  return row?.id ?? 0;
}

/** Whether the database noted changes of identities, up to this moment, that webhooks are still to be told of. */
export async function hasUntoldChanges(db: Database, organisationId: number, until: number): Promise<boolean> {
  const row = await db
    .selectFrom("identity_marks as m")
    .innerJoin("environments as e", "e.id", "m.environment_id")
    .innerJoin("projects as p", "p.id", "e.project_id")
    .where("p.organisation_id", "=", organisationId)
    .where("m.marked_at", "<=", until)
    .select("m.feature_id")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Of these, what is over loses what it said and what was answered; the others are returned: they are still to be sent. */
export async function scrubFinished(db: Database, ids: readonly number[]): Promise<number[]> {
  const pending: number[] = [];
  for (let start = 0; start < ids.length; start += 500) {
    const some = ids.slice(start, start + 500);
    const rows = await db
      .selectFrom("webhook_deliveries")
      .select("id")
      .where("id", "in", some)
      .where("state", "=", "pending")
      .execute();
    const waiting = new Set(rows.map((row) => row.id));
    pending.push(...waiting);
    const over = some.filter((id) => !waiting.has(id));
    if (over.length === 0) continue;
    await sql`update webhook_deliveries set body = ${'{"erased": true}'},
      object_key = case when object_key like 'identity:%:%' then 'identity:erased' else object_key end
      where id in (${sql.join(over)})`.execute(db);
    await db.updateTable("webhook_attempts").set({ response_body: null }).where("delivery_id", "in", over).execute();
  }
  return pending;
}
