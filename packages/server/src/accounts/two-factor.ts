/**
 * Setting up two-factor authentication where there is no cookie. better-auth keeps it and asks for it at sign-in; it sets it up
 * only for browsers that repeat the password, which stock clients do not.
 */
import { randomBytes } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import type { Changes, RequestInfo } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";
import { AppError } from "../errors.ts";
import { accountEntries } from "./audited-models.ts";
import { base32, isTotp, totpUri } from "./totp.ts";

export interface TwoFactorDeps {
  readonly db: Kysely<Tables>;
  readonly changes: Changes;
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface TwoFactor {
  isActive(userId: number): Promise<boolean>;
  /** A new secret, which counts once a code of it was typed. Throws AppError "conflict" where it is active already. */
  begin(userId: number, email: string): Promise<{ readonly secret: string; readonly uri: string }>;
  /** Backup codes, shown once; undefined = the code is wrong, or nothing was begun. */
  confirm(request: RequestInfo, userId: number, code: string): Promise<readonly string[] | undefined>;
  /** Whether it is a code of the app, or one of the backup codes that are left; it is not used up by asking. */
  isCode(userId: number, code: string): Promise<boolean>;
  end(request: RequestInfo, userId: number): Promise<void>;
}

const CODES = 10;
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

const letters = (count: number): string =>
  [...randomBytes(count)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");

/** Loaded when first needed, like everything of better-auth's. */
const loadCrypto = () => import("better-auth/crypto");

async function entriesFor(trx: Transaction<Tables>, userId: number, id: number, isOn: boolean) {
  return accountEntries(trx, userId, {
    action: "UPDATE",
    objectType: "two_factor",
    objectId: String(id),
    projectId: null,
    environmentId: null,
    subjects: [{ type: "user", id: String(userId) }],
    log: `Two-factor authentication switched ${isOn ? "on" : "off"}`,
    before: { enabled: !isOn },
    after: { enabled: isOn },
  });
}

export function createTwoFactor({ db, changes, secret: key, now }: TwoFactorDeps): TwoFactor {
  const find = (userId: number) =>
    db.selectFrom("two_factors").selectAll().where("user_id", "=", userId).executeTakeFirst();

  const encrypt = async (data: string) => (await loadCrypto()).symmetricEncrypt({ key, data });

  const matches = async (encrypted: string, code: string) => {
    const secret = await (await loadCrypto()).symmetricDecrypt({ key, data: encrypted });
    return isTotp(secret, code, now());
  };

  const isBackupCode = async (encrypted: string, code: string) => {
    const codes: unknown = JSON.parse(await (await loadCrypto()).symmetricDecrypt({ key, data: encrypted }));
    return Array.isArray(codes) && codes.includes(code);
  };

  const setEnabled = (trx: Transaction<Tables>, userId: number, isOn: boolean) =>
    trx
      .updateTable("users")
      .set({ two_factor_enabled: isOn ? 1 : 0, updated_at: now() })
      .where("id", "=", userId)
      .execute();

  return {
    isActive: async (userId) => (await find(userId))?.verified === 1,
    begin: async (userId, email) => {
      if ((await find(userId))?.verified === 1) throw new AppError("conflict");
      const secret = letters(32);
      const begun = { secret: await encrypt(secret), backup_codes: await encrypt("[]"), verified: 0 };
      await db
        .insertInto("two_factors")
        .values({ user_id: userId, ...begun, failed_verification_count: 0, locked_until: null })
        .onConflict((conflict) => conflict.column("user_id").doUpdateSet(begun).where("two_factors.verified", "=", 0))
        .execute();
      return { secret: base32(secret), uri: totpUri(secret, email) };
    },
    confirm: async (request, userId, code) => {
      const begun = await find(userId);
      if (!begun || begun.verified === 1 || !(await matches(begun.secret, code))) return undefined;
      const codes = Array.from({ length: CODES }, () => `${letters(5)}-${letters(5)}`);
      const backupCodes = await encrypt(JSON.stringify(codes));
      return changes.commit(request, async (trx) => {
        const confirmed = await trx
          .updateTable("two_factors")
          .set({ verified: 1, backup_codes: backupCodes, failed_verification_count: 0, locked_until: null })
          .where("id", "=", begun.id)
          .where("secret", "=", begun.secret)
          .where("verified", "=", 0)
          .executeTakeFirst();
        if (confirmed.numUpdatedRows === 0n) return { result: undefined, entries: [] };
        await setEnabled(trx, userId, true);
        return { result: codes, entries: await entriesFor(trx, userId, begun.id, true) };
      });
    },
    isCode: async (userId, code) => {
      const row = await find(userId);
      if (row?.verified !== 1) return false;
      return (await matches(row.secret, code)) || (await isBackupCode(row.backup_codes, code));
    },
    end: (request, userId) =>
      changes.commit(request, async (trx) => {
        const gone = await trx
          .deleteFrom("two_factors")
          .where("user_id", "=", userId)
          .returningAll()
          .executeTakeFirst();
        await setEnabled(trx, userId, false);
        const entries = gone?.verified === 1 ? await entriesFor(trx, userId, gone.id, false) : [];
        return { result: undefined, entries };
      }),
  };
}
