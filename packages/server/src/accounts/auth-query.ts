/** better-auth's questions as SQL on our tables, in our spelling. Tables and columns are known only at run time here. */
import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql, type Transaction } from "kysely";
import type { Tables } from "../db/tables.ts";
import type { Row } from "./audited-models.ts";

/** Their models to our tables. */
const TABLES: Readonly<Record<string, string>> = {
  user: "users",
  session: "sessions",
  account: "user_logins",
  verification: "verifications",
  twoFactor: "two_factors",
  passkey: "passkeys",
};

export type Values = Readonly<Record<string, unknown>>;
export type Untyped = Kysely<Record<string, Record<string, unknown>>>;
export type Where = {
  readonly field: string;
  readonly value: unknown;
  readonly operator: string;
  readonly connector: "AND" | "OR";
  readonly mode: "sensitive" | "insensitive";
};

export function tableOf(model: string): string {
  const table = TABLES[model];
  if (!table) throw new Error(`better-auth asks for "${model}", which has no table.`);
  return table;
}

export function columnOf(model: string, field: string): string {
  if (model === "user" && field === "name") return "first_name";
  return field.replace(/ID$/, "Id").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function fieldOf(model: string, column: string): string {
  if (model === "user" && column === "first_name") return "name";
  if (model === "passkey" && column === "credential_id") return "credentialID";
  return column.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

export const toRow = (model: string, values: Values): Row =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [columnOf(model, field), value]));

export const fromRow = (model: string, row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [fieldOf(model, column), value]));

const likeText = (value: unknown): string => String(value).replace(/[\\%_]/g, (sign) => `\\${sign}`);

function condition(model: string, { field, value, operator, mode }: Where): Expression<SqlBool> {
  const isFolded = mode === "insensitive" && typeof value === "string";
  const column = isFolded ? sql`lower(${sql.ref(columnOf(model, field))})` : sql`${sql.ref(columnOf(model, field))}`;
  const wanted = isFolded ? String(value).toLowerCase() : value;
  const like = (pattern: string) => sql<SqlBool>`${column} like ${pattern} escape '\\'`;
  switch (operator) {
    case "eq":
      return value === null ? sql<SqlBool>`${column} is null` : sql<SqlBool>`${column} = ${wanted}`;
    case "ne":
      return value === null ? sql<SqlBool>`${column} is not null` : sql<SqlBool>`${column} <> ${wanted}`;
    case "lt":
      return sql<SqlBool>`${column} < ${wanted}`;
    case "lte":
      return sql<SqlBool>`${column} <= ${wanted}`;
    case "gt":
      return sql<SqlBool>`${column} > ${wanted}`;
    case "gte":
      return sql<SqlBool>`${column} >= ${wanted}`;
    case "in":
    case "not_in": {
      const list = Array.isArray(value) ? value : [value];
      if (list.length === 0) return operator === "in" ? sql<SqlBool>`1 = 0` : sql<SqlBool>`1 = 1`;
      const values = sql.join(list);
      return operator === "in" ? sql<SqlBool>`${column} in (${values})` : sql<SqlBool>`${column} not in (${values})`;
    }
    case "contains":
      return like(`%${likeText(wanted)}%`);
    case "starts_with":
      return like(`${likeText(wanted)}%`);
    case "ends_with":
      return like(`%${likeText(wanted)}`);
    default:
      throw new Error(`better-auth asks with "${operator}", which is not known here.`);
  }
}

/** As better-auth means it: all that are joined by AND, and any of those that are joined by OR. */
export function matching(model: string, where: readonly Where[] = []) {
  return (build: ExpressionBuilder<Record<string, Record<string, unknown>>, string>) => {
    const all = where.filter((each) => each.connector !== "OR").map((each) => condition(model, each));
    const any = where.filter((each) => each.connector === "OR").map((each) => condition(model, each));
    return build.and([...all, ...(any.length > 0 ? [build.or(any)] : [])]);
  };
}

/** better-auth names tables and columns as texts of its own. */
export const untyped = (db: Kysely<Tables> | Transaction<Tables>): Untyped => db as unknown as Untyped;

export async function insert(db: Untyped, model: string, values: Row): Promise<Row> {
  return db.insertInto(tableOf(model)).values(values).returningAll().executeTakeFirstOrThrow();
}

export async function select(db: Untyped, model: string, where?: readonly Where[], limit?: number): Promise<Row[]> {
  const query = db.selectFrom(tableOf(model)).selectAll().where(matching(model, where)).orderBy("id");
  return (limit === undefined ? query : query.limit(limit)).execute();
}

export async function change(db: Untyped, model: string, where: readonly Where[], values: Row): Promise<Row[]> {
  if (Object.keys(values).length === 0) return select(db, model, where);
  return db.updateTable(tableOf(model)).set(values).where(matching(model, where)).returningAll().execute();
}

export async function remove(db: Untyped, model: string, where: readonly Where[]): Promise<Row[]> {
  return db.deleteFrom(tableOf(model)).where(matching(model, where)).returningAll().execute();
}

/** At most one of those that match; the condition is asked again once the row is locked. */
export function onlyOne(model: string, where: readonly Where[]) {
  return (build: ExpressionBuilder<Record<string, Record<string, unknown>>, string>) =>
    build.and([
      build(
        "id",
        "=",
        build.selectFrom(tableOf(model)).select("id").where(matching(model, where)).orderBy("id").limit(1),
      ),
      matching(model, where)(build),
    ]);
}
