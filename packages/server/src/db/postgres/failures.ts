/** PostgreSQL's errors, and those of the way to it, as facts the rest of the server understands. */
import { DatabaseError } from "pg";
import { AppError, type ErrorDetails } from "../../errors.ts";

type Fact = readonly [code: ConstructorParameters<typeof AppError>[0], reason: string];

/** By SQLSTATE, or by its class. */
const facts: Readonly<Record<string, Fact>> = {
  "22": ["invalid", "value"],
  "23505": ["conflict", "unique"],
  "23503": ["conflict", "foreign key"],
  "23": ["invalid", "constraint"],
  "54": ["invalid", "too big"],
  "40001": ["database_busy", "deadlock"],
  "40P01": ["database_busy", "deadlock"],
  "55P03": ["database_busy", "locked"],
  "57014": ["database_busy", "statement took too long"],
  "25P03": ["database_busy", "transaction took too long"],
  "25006": ["database_unavailable", "read-only"],
  "25": ["database_busy", "transaction was ended"],
  "26": ["database_busy", "statement was forgotten"],
  "53100": ["database_unavailable", "disk full"],
  "53300": ["database_unavailable", "too many connections"],
  "53": ["database_unavailable", "out of resources"],
  "57": ["database_unavailable", "shutting down"],
  "58": ["database_unavailable", "disk error"],
  "08": ["database_unavailable", "connection lost"],
  "28": ["database_unavailable", "login refused"],
  "3D": ["database_unavailable", "no such database"],
  XX: ["database_unavailable", "damaged"],
};

export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof DatabaseError)) {
    return new AppError("database_unavailable", { reason: "connection lost" }, { cause: error });
  }
  const state = error.code ?? "";
  const fact = facts[state] ?? facts[state.slice(0, 2)];
  const cause = new Error(`${state}: ${error.message}`);
  if (!fact) return new AppError("internal", {}, { cause });
  return new AppError(fact[0], { reason: fact[1], ...violated(error), ...tooBig(state) }, { cause });
}

/** Keys of an index: of what people send, only identifiers may be so long. */
const tooBig = (state: string): ErrorDetails =>
  state === "54000" ? { detail: "An identifier has at most 2,600 bytes on PostgreSQL, whose keys hold no more." } : {};

/** "Key (organisation_id, name)=(1, x) already exists." names the columns, in whatever language the rest is. */
function violated(error: DatabaseError): ErrorDetails {
  if (!error.code?.startsWith("23")) return {};
  const listed = /\(([^)]*)\)=\(/.exec(error.detail ?? "")?.[1]?.split(", ");
  const columns = listed ?? (error.column === undefined ? undefined : [error.column]);
  return {
    ...(error.table === undefined ? {} : { table: error.table }),
    ...(columns === undefined ? {} : { columns: columns.map((column) => column.replaceAll('"', "")) }),
  };
}
