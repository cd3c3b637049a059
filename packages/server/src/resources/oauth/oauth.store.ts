/** Programs that registered themselves to act for people. */
import type { Kysely, Selectable } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type ClientRow = Selectable<Tables["oauth_clients"]>;

export const findClient = (db: Database, clientId: string): Promise<ClientRow | undefined> =>
  db.selectFrom("oauth_clients").selectAll().where("client_id", "=", clientId).executeTakeFirst();

export async function insertClient(
  db: Database,
  client: { readonly clientId: string; readonly name: string; readonly redirectUris: readonly string[] },
  now: number,
): Promise<void> {
  await db
    .insertInto("oauth_clients")
    .values({
      client_id: client.clientId,
      name: client.name,
      redirect_uris: JSON.stringify(client.redirectUris),
      created_at: now,
      last_used_at: null,
    })
    .execute();
}

/** Those that registered before then and that nobody ever let in. */
export async function forgetUnusedClients(db: Database, before: number): Promise<void> {
  await db.deleteFrom("oauth_clients").where("last_used_at", "is", null).where("created_at", "<", before).execute();
}

export async function noteClientUse(db: Database, clientId: string, now: number): Promise<void> {
  await db.updateTable("oauth_clients").set({ last_used_at: now }).where("client_id", "=", clientId).execute();
}

export async function insertCode(db: Database, hash: string, value: string, times: { now: number; until: number }) {
  await db
    .insertInto("verifications")
    .values({
      identifier: `oauth-code:${hash}`,
      value,
      expires_at: times.until,
      created_at: times.now,
      updated_at: times.now,
    })
    .execute();
}

/** Uses it up: a second taker gets nothing. */
export async function takeCode(db: Database, hash: string, now: number): Promise<string | undefined> {
  const row = await db
    .deleteFrom("verifications")
    .where("identifier", "=", `oauth-code:${hash}`)
    .returning(["value", "expires_at"])
    .executeTakeFirst();
  return row && row.expires_at > now ? row.value : undefined;
}
