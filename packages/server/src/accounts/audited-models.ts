/** Which of better-auth's writes are changes of an account, and what of them the audit log shows: never a secret. */
import type { Transaction } from "kysely";
import type { AuditEntry } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";

export type Row = Readonly<Record<string, unknown>>;

interface Audited {
  /** The noun in the log. */
  readonly objectType: string;
  readonly userIdColumn: string;
  /** Only these are shown and compared. */
  readonly shown: readonly string[];
  /** A change here is said, without the value. */
  readonly hidden?: string;
  readonly sentence: (action: AuditEntry["action"]) => string;
}

const VERB = { CREATE: "added", UPDATE: "changed", DELETE: "removed" } as const;

/** By table. Sessions and challenges are no changes; nor are counters and the time of the last sign-in. */
const audited: Readonly<Record<string, Audited>> = {
  users: {
    objectType: "user",
    userIdColumn: "id",
    shown: ["email", "first_name", "last_name", "is_active", "two_factor_enabled"],
    sentence: (action) => `Account ${action === "CREATE" ? "created" : VERB[action]}`,
  },
  user_logins: {
    objectType: "login",
    userIdColumn: "user_id",
    shown: ["provider_id"],
    hidden: "password",
    sentence: (action) => `Way to sign in ${VERB[action]}`,
  },
  two_factors: {
    objectType: "two_factor",
    userIdColumn: "user_id",
    shown: ["verified"],
    sentence: (action) => `Two-factor authentication ${VERB[action]}`,
  },
  passkeys: {
    objectType: "passkey",
    userIdColumn: "user_id",
    shown: ["name", "device_type"],
    sentence: (action) => `Passkey ${VERB[action]}`,
  },
};

export const isAudited = (table: string): boolean => table in audited;

const shownOf = (row: Row | undefined, columns: readonly string[]): Row | null =>
  row ? Object.fromEntries(columns.map((column) => [column, row[column] ?? null])) : null;

function entryOf(table: string, before: Row | undefined, after: Row | undefined) {
  const model = audited[table];
  const row = after ?? before;
  if (!model || !row) return undefined;
  const shown = { before: shownOf(before, model.shown), after: shownOf(after, model.shown) };
  const isHiddenChange = model.hidden !== undefined && before?.[model.hidden] !== after?.[model.hidden];
  if (before && after) {
    if (!isHiddenChange && JSON.stringify(shown.before) === JSON.stringify(shown.after)) return undefined;
    if (isHiddenChange) shown.after = { ...shown.after, [`${model.hidden}_changed`]: true };
  }
  const action: AuditEntry["action"] = !before ? "CREATE" : !after ? "DELETE" : "UPDATE";
  const userId = Number(row[model.userIdColumn]);
  const entry = {
    action,
    objectType: model.objectType,
    objectId: String(row["id"]),
    projectId: null,
    environmentId: null,
    subjects: [{ type: "user", id: String(userId) }],
    log: model.sentence(action),
    ...shown,
  };
  return { userId, entry };
}

/** An account is its person's, and concerns every organisation that the person is in: one entry each, or one of nobody's. */
export async function accountEntries(
  trx: Transaction<Tables>,
  userId: number,
  entry: Omit<AuditEntry, "organisationId">,
): Promise<AuditEntry[]> {
  const members = await trx
    .selectFrom("organisation_members")
    .select("organisation_id")
    .where("user_id", "=", userId)
    .orderBy("organisation_id")
    .execute();
  const organisations = members.length > 0 ? members.map((member) => member.organisation_id) : [null];
  return organisations.map((organisationId) => ({ ...entry, organisationId }));
}

/** The entries of rows that became others, appeared or went. */
export async function entriesOf(
  trx: Transaction<Tables>,
  table: string,
  pairs: readonly { readonly before?: Row | undefined; readonly after?: Row | undefined }[],
): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (const { before, after } of pairs) {
    const found = entryOf(table, before, after);
    if (found) entries.push(...(await accountEntries(trx, found.userId, found.entry)));
  }
  return entries;
}
