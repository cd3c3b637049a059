/**
 * Credentials to caller: `Authorization: Token …` for people, `Authorization: Api-Key …` for organisation keys, and
 * `Authorization: Bearer …`, which ends by itself, for either.
 */
import type { Kysely, Selectable } from "kysely";
import type { Role, Tables } from "../db/tables.ts";
import { AppError } from "../errors.ts";
import { type Access, createAccess } from "./access.ts";
import type { Caller } from "./caller.ts";
import { hashSecret } from "./secrets.ts";

/** Finds the caller of a request by other means, such as a session cookie; undefined = not by these. */
export type FindCaller = (request: Request) => Promise<Caller | undefined>;

export interface AuthenticateDeps {
  readonly db: Kysely<Tables>;
  readonly now: () => number;
  /** Asked when there is no Authorization header. */
  readonly bySession?: FindCaller;
  /** Told which key or token was used; must not be waited for. */
  readonly onUse?: (table: "user_tokens" | "organisation_keys", id: number) => void;
}

type KeyRow = Selectable<Tables["organisation_keys"]>;

const refuse = (detail: string): never => {
  throw new AppError("unauthenticated", { detail });
};

/** A password alone is one factor; whoever has none signs in with a passkey or at an identity provider. */
async function lacksSecondFactor(
  db: Kysely<Tables>,
  user: { readonly id: number; readonly two_factor_enabled: number },
): Promise<boolean> {
  if (user.two_factor_enabled === 1) return false;
  const password = await db
    .selectFrom("user_logins")
    .select("id")
    .where("user_id", "=", user.id)
    .where("provider_id", "=", "credential")
    .executeTakeFirst();
  return password !== undefined;
}

/** The caller of a user id, or undefined where the person is gone or barred. */
export async function userCaller(db: Kysely<Tables>, userId: number): Promise<Caller | undefined> {
  const user = await db
    .selectFrom("users")
    .select(["id", "email", "is_active", "two_factor_enabled"])
    .where("id", "=", userId)
    .executeTakeFirst();
  if (user?.is_active !== 1) return undefined;
  const members = await db
    .selectFrom("organisation_members")
    .innerJoin("organisations", "organisations.id", "organisation_members.organisation_id")
    .select(["organisation_id", "role", "force_2fa"])
    .where("user_id", "=", userId)
    .execute();
  const isClosed = members.some((row) => row.force_2fa === 1) && (await lacksSecondFactor(db, user));
  const closed = members.filter((row) => isClosed && row.force_2fa === 1);
  const open = members.filter((row) => !closed.includes(row));
  return {
    kind: "user",
    id: user.id,
    name: user.email,
    actor: `user:${user.id}`,
    organisations: new Map(open.map((row): [number, Role] => [row.organisation_id, row.role])),
    closed: new Set(closed.map((row) => row.organisation_id)),
  };
}

export function createAuthenticate(deps: AuthenticateDeps): (request: Request) => Promise<Access | undefined> {
  const { db, now, bySession, onUse = () => {} } = deps;

  const byToken = async (token: string): Promise<Caller> => {
    const row = await db
      .selectFrom("user_tokens")
      .select(["id", "user_id", "expires_at"])
      .where("hash", "=", hashSecret(token))
      .executeTakeFirst();
    if (!row || (row.expires_at !== null && row.expires_at <= now())) return refuse("Invalid token.");
    const caller = await userCaller(db, row.user_id);
    if (!caller) return refuse("User inactive or deleted.");
    onUse("user_tokens", row.id);
    return caller;
  };

  const keyCaller = (row: KeyRow): Caller => {
    if (row.revoked === 1 || (row.expires_at !== null && row.expires_at <= now())) {
      return refuse("Valid Master API Key not found.");
    }
    onUse("organisation_keys", row.id);
    const organisations = new Map<number, Role>([[row.organisation_id, row.is_admin === 1 ? "ADMIN" : "USER"]]);
    return { kind: "key", id: row.id, name: row.name, actor: `key:${row.id}`, organisations };
  };

  const byKey = async (key: string): Promise<Caller> => {
    const row = await db
      .selectFrom("organisation_keys")
      .selectAll()
      .where("prefix", "=", key.split(".", 1)[0] ?? "")
      .executeTakeFirst();
    return row && row.hash === hashSecret(key) ? keyCaller(row) : refuse("Valid Master API Key not found.");
  };

  const byBearer = async (secret: string): Promise<Caller> => {
    const token = await db
      .selectFrom("access_tokens")
      .select(["user_id", "organisation_key_id"])
      .where("hash", "=", hashSecret(secret))
      .where("kind", "=", "access")
      .where("expires_at", ">", now())
      .executeTakeFirst();
    if (token?.user_id != null) return (await userCaller(db, token.user_id)) ?? refuse("User inactive or deleted.");
    const keyId = token?.organisation_key_id ?? 0;
    const key = await db.selectFrom("organisation_keys").selectAll().where("id", "=", keyId).executeTakeFirst();
    return key ? keyCaller(key) : refuse("Invalid or expired access token.");
  };

  const findCaller = async (request: Request): Promise<Caller | undefined> => {
    const header = request.headers.get("authorization");
    if (!header) return bySession?.(request);
    const [scheme = "", secret = ""] = header.trim().split(/\s+/, 2);
    if (secret === "") return refuse("Invalid token header. No credentials provided.");
    if (scheme.toLowerCase() === "token") return byToken(secret);
    if (scheme.toLowerCase() === "api-key") return byKey(secret);
    if (scheme.toLowerCase() === "bearer") return byBearer(secret);
    return refuse("Authentication credentials were not provided.");
  };

  return async (request) => {
    const caller = await findCaller(request);
    return caller && createAccess(db, caller);
  };
}
