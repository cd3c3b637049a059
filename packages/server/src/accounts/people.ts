/** New people: the row, and a password to sign in with. Every door that makes accounts makes them here. */
import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import type { AuditEntry } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";
import { badRequest } from "../http/admin-door.ts";
import { passwordFaults } from "./password-rules.ts";
import type { ListedPerson } from "./present-person.ts";

export type SignUpType = "NO_INVITE" | "INVITE_EMAIL" | "INVITE_LINK";

export interface NewPerson {
  /** Any case; kept in lower case. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly signUpType: SignUpType;
  /** An invitation or the operator vouches for the address. */
  readonly isVerified: boolean;
  readonly passwordHash: string;
  readonly now: number;
}

export const emailKey = (email: string): string => email.trim().toLowerCase();

/** Throws the refusal that names every fault, under `field`. */
export function assertPassword(
  password: string,
  owner: { readonly email: string; readonly firstName?: string; readonly lastName?: string },
  field = "password",
): void {
  const faults = passwordFaults(password, owner);
  if (faults.length > 0) throw badRequest({ [field]: faults });
}

export async function isTaken(trx: Transaction<Tables>, email: string): Promise<boolean> {
  const user = await trx.selectFrom("users").select("id").where("email", "=", emailKey(email)).executeTakeFirst();
  return user !== undefined;
}

/** As lists show them, by their ids; whoever is gone is left out. */
export async function findPeople(
  db: Kysely<Tables>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ListedPerson>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("users")
    .select(["id", "uuid", "email", "first_name", "last_name", "last_login_at"])
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** The address must be free. */
export async function insertPerson(
  trx: Transaction<Tables>,
  person: NewPerson,
): Promise<{ readonly userId: number; readonly entry: Omit<AuditEntry, "organisationId"> }> {
  const email = emailKey(person.email);
  const { id } = await trx
    .insertInto("users")
    .values({
      uuid: randomUUID(),
      email,
      first_name: person.firstName,
      last_name: person.lastName,
      sign_up_type: person.signUpType,
      is_active: 1,
      email_verified: person.isVerified ? 1 : 0,
      created_at: person.now,
      updated_at: person.now,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await setPassword(trx, id, person.passwordHash, person.now);
  return {
    userId: id,
    entry: {
      action: "CREATE",
      objectType: "user",
      objectId: String(id),
      projectId: null,
      environmentId: null,
      log: `Account created: ${email}`,
      before: null,
      after: { email, first_name: person.firstName, last_name: person.lastName },
    },
  };
}

/** In the place where better-auth looks for it. */
export async function setPassword(
  trx: Transaction<Tables>,
  userId: number,
  passwordHash: string,
  now: number,
): Promise<void> {
  await trx
    .insertInto("user_logins")
    .values({
      user_id: userId,
      provider_id: "credential",
      account_id: String(userId),
      password: passwordHash,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(["provider_id", "account_id"]).doUpdateSet({ password: passwordHash, updated_at: now }),
    )
    .execute();
}
