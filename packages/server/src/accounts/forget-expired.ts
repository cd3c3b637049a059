/** Sessions and one-time codes that nobody came back for. They open nothing any more; this only makes room. */
import type { Kysely } from "kysely";
import type { Tables } from "../db/tables.ts";

export async function forgetExpired(db: Kysely<Tables>, now: number): Promise<void> {
  for (const table of ["sessions", "verifications", "access_tokens"] as const) {
    await db.deleteFrom(table).where("expires_at", "<", now).execute();
  }
}
