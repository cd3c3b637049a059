/** Whether any webhook wants to be told of identities. */
import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

export async function isAnyWatching(db: Kysely<Tables>): Promise<boolean> {
  const row = await db
    .selectFrom("webhooks")
    .select("id")
    .where("enabled", "=", 1)
    .where("watches_identities", "=", 1)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
