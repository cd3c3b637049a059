/** People in tests: accounts with passwords, signed in by token or by cookie. */
import { hashSecret, randomSecret } from "../access/secrets.ts";
import { hashPassword } from "../accounts/passwords.ts";
import { insertPerson } from "../accounts/people.ts";
import type { Db } from "../db/database.ts";
import type { Role } from "../db/tables.ts";
import { callWith } from "./test-admin.ts";
import type { TestApp } from "./test-app.ts";

export interface TestPerson {
  readonly id: number;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  call: (method: string, path: string, body?: unknown) => ReturnType<typeof callWith>;
}

let made = 0;
const password = "correct horse battery";
let hashing: Promise<string> | undefined;

export interface TestPersonOptions {
  readonly email?: string;
  readonly organisationId?: number;
  readonly role?: Role;
}

/** A person with a token, a member of one organisation where that is named. */
export async function createPerson(
  { db, request }: Pick<TestApp, "db" | "request">,
  { email = `person${++made}@example.com`, organisationId, role = "USER" }: TestPersonOptions = {},
): Promise<TestPerson> {
  hashing ??= hashPassword(password);
  const passwordHash = await hashing;
  const token = randomSecret();
  const id = await insertWithToken(db, email, passwordHash, token);
  if (organisationId !== undefined) {
    await db.kysely
      .insertInto("organisation_members")
      .values({ organisation_id: organisationId, user_id: id, role, joined_at: Date.now() })
      .execute();
  }
  return {
    id,
    email,
    password,
    token,
    call: (method, path, body) => callWith(request, `Token ${token}`, method, path, body),
  };
}

const insertWithToken = (db: Db, email: string, passwordHash: string, token: string) =>
  db.kysely.transaction().execute(async (trx) => {
    const now = Date.now();
    const names = { firstName: "Test", lastName: "Person", signUpType: "INVITE_EMAIL" as const };
    const { userId } = await insertPerson(trx, { email, ...names, isVerified: true, passwordHash, now });
    await trx
      .insertInto("user_tokens")
      .values({ user_id: userId, hash: hashSecret(token), created_at: now, last_used_at: null, expires_at: null })
      .execute();
    return userId;
  });
