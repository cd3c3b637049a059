/** Whose tokens are trusted, and the key that each trusted one acts as. */
import type { Kysely, Selectable } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

const joined = (db: Database) =>
  db
    .selectFrom("trust_relationships as t")
    .innerJoin("organisation_keys as k", "k.id", "t.organisation_key_id")
    .selectAll("t")
    .select(["k.prefix", "k.is_admin", "k.revoked", "k.expires_at"]);

export type TrustRow = Selectable<Tables["trust_relationships"]> & {
  readonly prefix: string;
  readonly is_admin: number;
  readonly revoked: number;
  readonly expires_at: number | null;
};
export type TrustColumns = Partial<Pick<TrustRow, "name" | "issuer" | "audience" | "claim_rules">>;

export async function listTrust(db: Database, organisationId: number, offset: number, limit: number) {
  const { count } = await db
    .selectFrom("trust_relationships")
    .select((e) => e.fn.countAll<number | string>().as("count"))
    .where("organisation_id", "=", organisationId)
    .executeTakeFirstOrThrow();
  const rows: TrustRow[] = await joined(db)
    .where("t.organisation_id", "=", organisationId)
    .orderBy("t.id")
    .offset(offset)
    .limit(limit)
    .execute();
  return { count: Number(count), rows };
}

export const findTrust = (db: Database, organisationId: number, id: number): Promise<TrustRow | undefined> =>
  joined(db).where("t.organisation_id", "=", organisationId).where("t.id", "=", id).executeTakeFirst();

/** By any of the audiences that one token names. */
export const findTrusted = (db: Database, issuer: string, audiences: readonly string[]): Promise<TrustRow[]> =>
  joined(db)
    .where("t.issuer", "=", issuer)
    .where("t.audience", "in", [...audiences, ""])
    .orderBy("t.id")
    .limit(20)
    .execute();

export async function insertTrust(
  db: Database,
  row: Omit<Selectable<Tables["trust_relationships"]>, "id">,
): Promise<number> {
  const { id } = await db.insertInto("trust_relationships").values(row).returning("id").executeTakeFirstOrThrow();
  return id;
}

export async function updateTrust(db: Database, id: number, columns: TrustColumns): Promise<void> {
  await db.updateTable("trust_relationships").set(columns).where("id", "=", id).execute();
}

export async function setKeyRights(db: Database, keyId: number, isAdmin: number): Promise<void> {
  await db.updateTable("organisation_keys").set({ is_admin: isAdmin }).where("id", "=", keyId).execute();
}

/** The relationship, and the tokens that it gave, go along. */
export async function deleteTrustKey(db: Database, keyId: number): Promise<void> {
  for (const table of ["permission_grants", "role_members"] as const) {
    await db.deleteFrom(table).where("subject_type", "=", "key").where("subject_id", "=", keyId).execute();
  }
  await db.deleteFrom("organisation_keys").where("id", "=", keyId).execute();
}
