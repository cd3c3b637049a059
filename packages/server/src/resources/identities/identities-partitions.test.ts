/**
 * Identity data can be spread over many machines by (environment, identifier): with both tables hash-partitioned in 16, each hot query
 * touches one partition, and one that answers many calls touches only theirs.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client } from "pg";
import type { Db, HotLane, SqlValue } from "../../db/database.ts";
import type { Pipeline, Statement } from "../../db/postgres/pipeline.ts";
import { numberPlaceholders } from "../../db/postgres/placeholders.ts";
import { createReads } from "../../db/postgres/reads.ts";
import { readRowWrite } from "../../db/postgres/row-writes.ts";
import { lookUpByKey } from "../../db/postgres/writes.ts";
import { databaseName, openTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { insertEnvironment } from "../../testing/test-environment.ts";
import { createIdentitiesStore, type IdentitiesStore } from "./identities.store.ts";

const PARTITIONS = 16;
const TABLES = ["identities", "identity_overrides"] as const;
/** Enough that no planner would read a whole partition for one. */
const IDENTITIES = 100_000;
const suite = databaseName === "postgres" ? describe : describe.skip;

let database: TestDatabase;
let client: Client;
let environmentId: number;

interface Recorded {
  readonly kind: "read" | "write";
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** The same columns, keys and indexes; only the storage is split. */
async function partition(table: string): Promise<void> {
  const { rows } = await client.query<{ name: string; type: "p" | "u"; definition: string }>(
    `select conname as name, contype as type, pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = $1::regclass and contype in ('p', 'u')`,
    [table],
  );
  const indexes = await client.query<{ definition: string }>(
    `select pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = $1::regclass and not exists (select 1 from pg_constraint where conindid = indexrelid)`,
    [table],
  );
  // Of the index of identities, and of what webhooks are told.
  const triggers = await client.query<{ definition: string }>(
    "select pg_get_triggerdef(oid) as definition from pg_trigger where tgrelid = $1::regclass and not tgisinternal",
    [table],
  );
  await client.query(`alter table ${table} rename to whole_${table}`);
  await client.query(
    `create table ${table} (like whole_${table} including defaults) partition by hash (environment_id, identifier)`,
  );
  for (let part = 0; part < PARTITIONS; part++) {
    const values = `for values with (modulus ${PARTITIONS}, remainder ${part})`;
    await client.query(`create table ${table}_part_${part} partition of ${table} ${values}`);
  }
  await client.query(`create sequence parted_${table} owned by ${table}.id`);
  await client.query(`alter table ${table} alter column id set default nextval('parted_${table}')`);
  await client.query(`insert into ${table} select * from whole_${table}`);
  await client.query(`drop table whole_${table}`);
  for (const { name, definition } of rows)
    await client.query(`alter table ${table} add constraint ${name} ${definition}`);
  for (const { definition } of indexes.rows) await client.query(definition);
  for (const { definition } of triggers.rows) await client.query(definition);
}

async function watchIdentities(db: Db): Promise<void> {
  await client.query(
    `insert into webhooks (organisation_id, environment_id, url, secret, enabled, created_at, updated_at, watches_identities)
     select p.organisation_id, e.id, 'https://example.com', '', 1, 1, 1, 1 from environments e join projects p on p.id = e.project_id`,
  );
  await db.identityMarks.follow();
}

suite(`partitioned identities${databaseName === "postgres" ? "" : " (a SQLite file has no partitions)"}`, () => {
  beforeAll(async () => {
    database = await openTestDatabase();
    ({ environmentId } = await insertEnvironment(database.db));
    client = new Client({ connectionString: database.url });
    await client.connect();
    // There before the tables are split: its triggers go with them.
    await watchIdentities(database.db);
    for (const table of TABLES) await partition(table);
    await client.query(
      `insert into identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day)
       select $1::int, 'user-' || n, '{"n": 1}', 0, 1, 1 from generate_series(1, $2::int) as n`,
      [environmentId, IDENTITIES],
    );
    await client.query(
      `insert into identity_overrides (environment_id, identifier, feature_id, uuid, enabled, value, hash_seed, variants, created_at, updated_at)
       select environment_id, identifier, 1, identifier, 1, 'null', '1', '[]', 1, 1 from identities`,
    );
    await client.query("analyze");
  });
  afterAll(async () => {
    await client.end();
    await database.close();
  });

  /** What the store asks its database for while `use` runs. */
  async function record(use: (store: IdentitiesStore) => Promise<unknown>): Promise<Recorded[]> {
    const recorded: Recorded[] = [];
    const note = (kind: Recorded["kind"]) => async (sql: string, parameters: readonly SqlValue[]) => {
      recorded.push({ kind, sql, parameters });
      return [{ id: 1 }] as never[];
    };
    const read = note("read");
    const lane: HotLane = { all: read, write: note("write"), get: async (sql, p) => (await read(sql, p))[0] };
    await use(createIdentitiesStore({ ...database.db, lane }, Date.now));
    return recorded;
  }

  /** Partitions that running the statement looks into or writes to; it leaves nothing behind. */
  async function touched({ text, values = [] }: Statement, off: readonly string[] = []): Promise<Set<string>> {
    await client.query("begin");
    for (const name of off) await client.query(`set local ${name} = off`);
    const { rows } = await client.query<Record<"QUERY PLAN", string>>(
      `explain (analyze, costs off, timing off, summary off) ${text}`,
      [...values],
    );
    await client.query("rollback");
    const lines = rows.map((row) => row["QUERY PLAN"]).filter((line) => !line.includes("never executed"));
    expect(lines.filter((line) => line.includes("Seq Scan"))).toEqual([]);
    // What an update might change is listed too; what is read was looked up in it.
    const scans = lines.filter((line) => line.includes("Scan"));
    const names = scans.flatMap((line) => [...line.matchAll(/ on (\w+_part_\d+)\b/g)].map(([, name = ""]) => name));
    return new Set(names);
  }

  const hotQueries: Readonly<Record<string, (store: IdentitiesStore, identifier: string) => Promise<unknown>>> = {
    find: async (store, identifier) => store.find(environmentId, identifier),
    overrides: async (store, identifier) => store.overrides(environmentId, identifier),
    "merge into a known one": (store, identifier) =>
      store.merge({ environmentId, identifier, initial: "{}", patch: '{"a":1}' }, true),
    "merge into a new one": (store, identifier) =>
      store.merge({ environmentId, identifier, initial: "{}", patch: '{"a":1}' }, false),
    increment: (store, identifier) => store.increment(environmentId, identifier, "n", 1),
    touch: (store, identifier) => store.touch(environmentId, identifier),
  };

  /** An upsert reads none: its row goes straight to the partition of its key, whose own index finds the conflict. */
  const read = (sql: string): number => (sql.startsWith("INSERT INTO identities ") ? 0 : 1);

  for (const [name, use] of Object.entries(hotQueries)) {
    test(`${name}: one call touches one partition`, async () => {
      for (const identifier of ["user-1", "user-777", "user-1999", "nobody"]) {
        const recorded = await record((store) => use(store, identifier));
        expect(recorded.length).toBeGreaterThan(0);
        for (const { sql, parameters } of recorded)
          expect((await touched({ text: numberPlaceholders(sql), values: parameters })).size).toBe(read(sql));
      }
    });

    test(`${name}: calls together touch the partitions of their identities, no more`, async () => {
      const { rows } = await client.query<{ identifier: string }>(
        "select identifier from identities_part_3 order by identifier limit 40",
      );
      const recorded = await Promise.all(rows.map(({ identifier }) => record((store) => use(store, identifier))));
      const [first = []] = recorded;
      for (const [at, { kind, sql }] of first.entries()) {
        const calls = recorded.map((own) => own[at]?.parameters ?? []);
        const statement = kind === "read" ? await readTogether(sql, calls) : await writeTogether(sql, calls);
        expect((await touched(statement, kind === "write" ? lookUpByKey : [])).size).toBe(read(sql));
      }
    });
  }

  test("the index of identities and the marks for webhooks follow what is written to the partitions", async () => {
    const store = createIdentitiesStore(database.db, Date.now);
    await client.query("truncate identity_changes, identity_marks");
    await store.merge({ environmentId, identifier: "user-5", initial: "{}", patch: '{"plan":"gold"}' }, true);
    await store.merge({ environmentId, identifier: "fresh", initial: '{"plan":"gold"}', patch: "{}" }, false);
    while (await database.db.identityIndex.follow(100, Date.now()));
    const found = await client.query("select identity_id from trait_texts where value = 'gold'");
    const marked = await client.query("select identifier from identity_marks order by 1");
    expect(found.rowCount).toBe(2);
    expect(marked.rows).toEqual([{ identifier: "fresh" }, { identifier: "user-5" }]);
  });

  async function readTogether(sql: string, calls: readonly (readonly SqlValue[])[]): Promise<Statement> {
    const { promise, resolve } = Promise.withResolvers<Statement>();
    const run: Pipeline["run"] = async (statement) => {
      resolve(statement);
      return { columns: [], rows: [], count: 0 };
    };
    const { all: read } = createReads({ run, runTogether: async () => [], close: async () => {} });
    for (const parameters of calls) void read(sql, parameters);
    return promise;
  }

  async function writeTogether(sql: string, calls: readonly (readonly SqlValue[])[]): Promise<Statement> {
    const { rows } = await client.query<{ column: string; type: string }>(
      "select attname as column, format_type(atttypid, null) as type from pg_attribute where attrelid = 'identities'::regclass and attnum > 0",
    );
    const write = readRowWrite(sql, () => new Map(rows.map(({ column, type }) => [column, type])));
    const types = (calls[0] ?? []).map((value) =>
      typeof value === "number" ? (Math.abs(value) < 2 ** 31 ? "int" : "bigint") : "text",
    );
    if (!write) throw new Error(`not for many rows: ${sql}`);
    return write.together(calls, types);
  }
});
