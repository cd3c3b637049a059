/** SQLite's errors as facts the rest of the server understands. */
import { AppError } from "../../errors.ts";
import { type SqlFailure, transactionExpired, transactionGone } from "./protocol.ts";

/** The database as a whole cannot do it now; the same statement may succeed later. */
const unavailable = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN|CORRUPT|NOTADB|NOMEM|PERM|AUTH|PROTOCOL)/;

export function toFailure(error: unknown): SqlFailure {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "UNKNOWN";
  return { code, message };
}

/** Whether only this statement is at fault, so that the others of its batch can still commit. */
export function isOwnFault(failure: SqlFailure): boolean {
  return !unavailable.test(failure.code);
}

export function toAppError(failure: SqlFailure): AppError {
  const cause = new Error(`${failure.code}: ${failure.message}`);
  if (failure.code === transactionExpired)
    return new AppError("database_busy", { reason: "transaction took too long" }, { cause });
  if (failure.code === transactionGone)
    return new AppError("database_unavailable", { reason: "transaction was lost" }, { cause });
  if (unavailable.test(failure.code)) {
    return new AppError("database_unavailable", { reason: describe(failure.code) }, { cause });
  }
  if (failure.code === "SQLITE_CONSTRAINT_FOREIGNKEY")
    return new AppError("conflict", { reason: "foreign key" }, { cause });
  if (/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)$/.test(failure.code)) {
    return new AppError("conflict", { reason: "unique", ...violated(failure.message) }, { cause });
  }
  if (failure.code.startsWith("SQLITE_CONSTRAINT"))
    return new AppError("invalid", violated(failure.message), { cause });
  if (failure.code === "SQLITE_TOOBIG") return new AppError("invalid", { reason: "too big" }, { cause });
  return new AppError("internal", {}, { cause });
}

function describe(code: string): string {
  if (code.startsWith("SQLITE_FULL")) return "disk full";
  if (code.startsWith("SQLITE_READONLY")) return "read-only";
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) return "locked";
  return "disk error";
}

/** "UNIQUE constraint failed: projects.organisation_id, projects.name" names the columns. */
function violated(message: string): { table?: string; columns?: string[] } {
  const names = message.split(" constraint failed: ")[1]?.split(", ");
  const table = names?.[0]?.split(".")[0];
  if (!names || table === undefined) return {};
  return { table, columns: names.map((name) => name.slice(name.indexOf(".") + 1)) };
}
