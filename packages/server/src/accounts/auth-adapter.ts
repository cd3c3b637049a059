/**
 * better-auth on our tables: times in milliseconds, booleans as 0 and 1, on whatever database there is. A write that changes
 * an account goes through changes.commit, so that its audit row is part of it.
 */
import { createAdapterFactory } from "better-auth/adapters";
import { type Kysely, sql } from "kysely";
import type { Changes, RequestInfo } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";
import { entriesOf, isAudited, type Row } from "./audited-models.ts";
import {
  change,
  columnOf,
  fromRow,
  insert,
  matching,
  onlyOne,
  remove,
  select,
  tableOf,
  toRow,
  type Untyped,
  untyped,
  type Values,
  type Where,
} from "./auth-query.ts";

export interface AuthAdapterDeps {
  readonly db: Kysely<Tables>;
  readonly changes: Changes;
  /** Of the request that better-auth is working on. */
  readonly currentRequest: () => RequestInfo;
}

interface Target {
  readonly model: string;
  readonly where: readonly Where[];
}

interface Pair {
  readonly before?: Row | undefined;
  readonly after?: Row | undefined;
}

type Work = (db: Untyped) => Promise<Pair[]>;

const rowsOf = (pairs: readonly Pair[]): Row[] =>
  pairs.flatMap(({ before, after }) => {
    const row = after ?? before;
    return row ? [row] : [];
  });

const one = (model: string, rows: readonly Row[]) => (rows[0] ? fromRow(model, rows[0]) : null);

const config = {
  adapterId: "burgee",
  adapterName: "Burgee",
  supportsNumericIds: true,
  supportsDates: true,
  supportsBooleans: true,
  supportsJSON: false,
  transaction: false as const,
  customTransformInput: ({ data }: { data: unknown }) => {
    if (data instanceof Date) return data.getTime();
    return typeof data === "boolean" ? Number(data) : data;
  },
  customTransformOutput: ({ data, fieldAttributes }: { data: unknown; fieldAttributes: { type: unknown } }) => {
    if (data === null || data === undefined) return data;
    if (fieldAttributes.type === "date") return new Date(Number(data));
    return fieldAttributes.type === "boolean" ? Number(data) === 1 : data;
  },
};

interface FindMany {
  readonly model: string;
  readonly where?: readonly Where[];
  readonly limit: number;
  readonly offset?: number;
  readonly sortBy?: { readonly field: string; readonly direction: "asc" | "desc" };
}

function createReads(db: Untyped) {
  return {
    findOne: async ({ model, where }: Target) => one(model, await select(db, model, where, 1)),
    findMany: async ({ model, where, limit, offset = 0, sortBy }: FindMany) => {
      const all = db.selectFrom(tableOf(model)).selectAll().where(matching(model, where));
      const sorted = sortBy ? all.orderBy(columnOf(model, sortBy.field), sortBy.direction) : all;
      const rows = await sorted.orderBy("id").limit(limit).offset(offset).execute();
      return rows.map((row) => fromRow(model, row));
    },
    count: async ({ model, where }: { readonly model: string; readonly where?: readonly Where[] }) => {
      const row = await db
        .selectFrom(tableOf(model))
        .select((build) => build.fn.countAll<number>().as("count"))
        .where(matching(model, where))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
  };
}

/** `work` reads what was there and writes; both go into the audit log where the model is one that is audited. */
function createWrite({ db, changes, currentRequest }: AuthAdapterDeps) {
  return async (model: string, work: Work): Promise<Row[]> => {
    const table = tableOf(model);
    if (!isAudited(table)) return rowsOf(await work(untyped(db)));
    return changes.commit(currentRequest(), async (trx) => {
      const pairs = await work(untyped(trx));
      return { result: rowsOf(pairs), entries: await entriesOf(trx, table, pairs) };
    });
  };
}

function createWrites(deps: AuthAdapterDeps) {
  const write = createWrite(deps);
  const update = ({ model, where, update: values }: Target & { readonly update: Values }) =>
    write(model, async (trx) => {
      const before = isAudited(tableOf(model)) ? await select(trx, model, where) : [];
      const after = await change(trx, model, where, toRow(model, values));
      return after.map((row) => ({ before: before.find((old) => old["id"] === row["id"]) ?? row, after: row }));
    });
  const erase = ({ model, where }: Target) =>
    write(model, async (trx) => (await remove(trx, model, where)).map((before) => ({ before })));

  return {
    create: async ({ model, data }: { readonly model: string; readonly data: Values }) =>
      one(model, await write(model, async (trx) => [{ after: await insert(trx, model, toRow(model, data)) }])),
    update: async (target: Target & { readonly update: Values }) => one(target.model, await update(target)),
    updateMany: async (target: Target & { readonly update: Values }) => (await update(target)).length,
    delete: async (target: Target) => {
      await erase(target);
    },
    deleteMany: async (target: Target) => (await erase(target)).length,
    consumeOne: async ({ model, where }: Target) => {
      const rows = await write(model, async (trx) => {
        const gone = await trx.deleteFrom(tableOf(model)).where(onlyOne(model, where)).returningAll().execute();
        return gone.map((before) => ({ before }));
      });
      return one(model, rows);
    },
    /** Counters and locks of sign-ins, and backup codes that are used up: no changes of the account. */
    incrementOne: async (
      step: Target & { readonly increment: Readonly<Record<string, number>>; readonly set?: Values },
    ) => {
      const { model, where, increment, set = {} } = step;
      const sums = Object.entries(increment).map(([field, by]) => {
        const column = columnOf(model, field);
        return [column, sql`coalesce(${sql.ref(column)}, 0) + ${by}`] as const;
      });
      const rows = await untyped(deps.db)
        .updateTable(tableOf(model))
        .set({ ...toRow(model, set), ...Object.fromEntries(sums) })
        .where(onlyOne(model, where))
        .returningAll()
        .execute();
      return one(model, rows);
    },
  };
}

export function createAuthAdapter(deps: AuthAdapterDeps) {
  const methods = { ...createReads(untyped(deps.db)), ...createWrites(deps) };
  // Their signatures promise whatever type the caller names; ours say what is really there.
  return createAdapterFactory({ config, adapter: () => methods as never });
}
