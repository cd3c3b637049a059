/** The first account of an installation: by a link that is printed once, or on the command line. There is no default password. */
import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import { hashSecret, randomSecret } from "../access/secrets.ts";
import type { AuditEntry } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";
import { AppError } from "../errors.ts";
import { joinOrganisation } from "./invitations.ts";
import { insertPerson } from "./people.ts";

const IDENTIFIER = "setup";
export const SETUP_HOURS = 24;

export async function hasAccounts(db: Kysely<Tables>): Promise<boolean> {
  return (await db.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;
}

/** The link's secret, told to nobody else; links made before are void. */
export async function createSetupToken(db: Kysely<Tables>, now: number): Promise<string> {
  const token = randomSecret();
  await db.transaction().execute(async (trx) => {
    await forgetSetupTokens(trx);
    await trx
      .insertInto("verifications")
      .values({
        identifier: IDENTIFIER,
        value: hashSecret(token),
        expires_at: now + SETUP_HOURS * 60 * 60 * 1000,
        created_at: now,
        updated_at: now,
      })
      .execute();
  });
  return token;
}

/** Until when it can be used; undefined = it cannot. */
export async function setupTokenExpiry(db: Kysely<Tables>, token: string, now: number): Promise<number | undefined> {
  const row = await db
    .selectFrom("verifications")
    .select("expires_at")
    .where("identifier", "=", IDENTIFIER)
    .where("value", "=", hashSecret(token))
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row?.expires_at;
}

/** No link that was made before sets anything up any more. */
export async function forgetSetupTokens(trx: Transaction<Tables>): Promise<void> {
  await trx.deleteFrom("verifications").where("identifier", "=", IDENTIFIER).execute();
}

/** Uses it up; whoever comes second finds nothing. */
export async function takeSetupToken(trx: Transaction<Tables>, token: string, now: number): Promise<void> {
  const row = await trx
    .deleteFrom("verifications")
    .where("identifier", "=", IDENTIFIER)
    .where("value", "=", hashSecret(token))
    .where("expires_at", ">", now)
    .returning("id")
    .executeTakeFirst();
  if (!row) throw new AppError("not_found");
}

export interface FirstAccount {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly passwordHash: string;
  readonly organisation: string;
  readonly now: number;
}

async function insertOrganisation(trx: Transaction<Tables>, name: string, now: number): Promise<[number, AuditEntry]> {
  const { id } = await trx
    .insertInto("organisations")
    .values({
      uuid: randomUUID(),
      name,
      persist_trait_data: 1,
      stop_serving_flags: 0,
      feature_analytics: 0,
      created_at: now,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const entry: AuditEntry = {
    action: "CREATE",
    objectType: "organisation",
    objectId: String(id),
    organisationId: id,
    projectId: null,
    environmentId: null,
    log: `Organisation created: ${name}`,
    before: null,
    after: { id, name },
  };
  return [id, entry];
}

/**
 * Its organisation is made, unless an import brought one of that name; it becomes the administrator of whatever was
 * imported, which would belong to nobody otherwise. Throws AppError "conflict" where an account exists.
 */
export async function insertFirstAccount(
  trx: Transaction<Tables>,
  account: FirstAccount,
): Promise<{ readonly userId: number; readonly organisationId: number; readonly entries: AuditEntry[] }> {
  if (await hasAccounts(trx)) throw new AppError("conflict", { detail: "An account exists already." });
  const { email, now } = account;
  const { userId, entry } = await insertPerson(trx, { ...account, signUpType: "NO_INVITE", isVerified: true });
  const there = await trx.selectFrom("organisations").select(["id", "name"]).orderBy("id").execute();
  const found = there.find((organisation) => organisation.name === account.organisation);
  const entries: AuditEntry[] = [];
  let organisationId = found?.id;
  if (organisationId === undefined) {
    const [id, made] = await insertOrganisation(trx, account.organisation, now);
    organisationId = id;
    entries.push(made);
  }
  entries.push({ ...entry, organisationId });
  for (const id of new Set([organisationId, ...there.map((each) => each.id)])) {
    entries.push(...(await joinOrganisation(trx, { organisationId: id, userId, email, role: "ADMIN", now })));
  }
  return { userId, organisationId, entries };
}
