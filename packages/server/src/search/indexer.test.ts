/** Whoever writes identities, by whatever way: the index has them as they are. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "kysely";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { insertEnvironment, upsertIdentity } from "../testing/test-environment.ts";

let store: TestDatabase;
let environmentId: number;
let clock = 1_000;

beforeAll(async () => {
  store = await openTestDatabase();
  ({ environmentId } = await insertEnvironment(store.db));
});
afterAll(() => store.close());

const db = () => store.db;
const catchUp = async (limit = 100) => {
  while (await db().identityIndex.follow(limit, clock));
};
const put = (identifier: string, traits: object, environment = environmentId) =>
  db().lane.write<{ id: number }>(upsertIdentity, [environment, identifier, JSON.stringify(traits)]);

type Entry = readonly [identifier: string | null, key: string, type: string, value: string | number];

/** What the index holds, with identifiers instead of ids. */
async function held(environment = environmentId): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const table of ["trait_texts", "trait_numbers"] as const) {
    const { rows } = await sql<{ identifier: string | null; key: string; type: string; value: string | number }>`
      select i.identifier, k.key, k.type, t.value from ${sql.table(table)} as t
      join trait_keys as k on k.id = t.key_id and k.environment_id = t.environment_id
      left join identities as i on i.id = t.identity_id and i.environment_id = t.environment_id
      where t.environment_id = ${environment} order by 1, 2, 3, 4`.execute(db().kysely);
    entries.push(...rows.map(({ identifier, key, type, value }): Entry => [identifier, key, type, value]));
  }
  return entries.sort();
}

/** What it should hold: read from the identities themselves. */
async function wanted(environment = environmentId): Promise<Entry[]> {
  const rows = await db()
    .kysely.selectFrom("identities")
    .select(["identifier", "traits"])
    .where("environment_id", "=", environment)
    .execute();
  return rows
    .flatMap(({ identifier, traits }) =>
      Object.entries(JSON.parse(String(traits)) as Record<string, string | number | boolean>).map(
        ([key, value]): Entry => [
          identifier,
          key,
          typeof value,
          typeof value === "string" ? value.slice(0, 256) : Number(value),
        ],
      ),
    )
    .sort();
}

const keys = (environment = environmentId) =>
  db()
    .kysely.selectFrom("trait_keys")
    .select(["key", "type", "count", "first_seen_at", "last_seen_at"])
    .where("environment_id", "=", environment)
    .orderBy("key")
    .orderBy("type")
    .execute();

async function terms(part: string): Promise<number[]> {
  const trigrams = Array.from({ length: part.length - 2 }, (_, at) => `"${part.slice(at, at + 3)}"`).join(" AND ");
  const { rows } = await (db().capabilities.multiNode
    ? sql<{ id: number }>`select identity_id as id from identity_terms where identifier ilike ${`%${part}%`} order by 1`
    : sql<{ id: number }>`select rowid as id from identity_terms where identity_terms match ${trigrams} order by 1`
  ).execute(db().kysely);
  return rows.map(({ id }) => id);
}

test("new, changed, removed and retyped traits", async () => {
  await put("ann", { plan: "pro", age: 7, paid: true, long: "x".repeat(1_000) });
  await put("ben", { plan: "free", age: 7.5, 'odd "key" $.a[0]': "é" });
  await catchUp();
  expect(await held()).toEqual(await wanted());
  expect(await keys()).toMatchObject([
    { key: "age", type: "number", count: 2, first_seen_at: 1_000 },
    { key: "long", type: "string", count: 1 },
    { key: 'odd "key" $.a[0]', type: "string", count: 1 },
    { key: "paid", type: "boolean", count: 1 },
    { key: "plan", type: "string", count: 2 },
  ]);
  clock = 2_000;
  await put("ann", { plan: "team", age: "seven", paid: false });
  await put("ann", { plan: "team", age: 8, paid: false });
  await put("ann", { plan: "team", age: "eight", paid: false });
  await catchUp();
  expect(await held()).toEqual(await wanted());
  expect(await keys()).toMatchObject([
    { key: "age", type: "number", count: 1, first_seen_at: 1_000, last_seen_at: 1_000 },
    { key: "age", type: "string", count: 1, first_seen_at: 2_000, last_seen_at: 2_000 },
    { key: "long", count: 0, last_seen_at: 1_000 },
    { count: 1 },
    { key: "paid", count: 1 },
    { key: "plan", count: 2, last_seen_at: 2_000 },
  ]);
});

test("being seen changes nothing", async () => {
  await catchUp();
  await db().lane.write("UPDATE identities SET last_seen_day = ? WHERE environment_id = ? AND identifier = ?", [
    99,
    environmentId,
    "ann",
  ]);
  const { count } = await db()
    .kysely.selectFrom("identity_changes")
    .select((e) => e.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBe(0);
});

test("parts of identifiers are found under the new name after a rename, and not after a deletion", async () => {
  const [row] = await put("Zebra-Crossing", {});
  const id = row?.id ?? 0;
  await catchUp();
  expect(await terms("bra-cro")).toEqual([id]);
  await sql`update identities set identifier = 'giraffe' where id = ${id}`.execute(db().kysely);
  await catchUp();
  expect(await terms("zebra")).toEqual([]);
  expect(await terms("giraf")).toEqual([id]);
  await sql`delete from identities where id = ${id}`.execute(db().kysely);
  await catchUp();
  expect(await terms("giraf")).toEqual([]);
  expect(await held()).toEqual(await wanted());
});

test("many racing writers and a follower of small steps end in agreement", async () => {
  const names = Array.from({ length: 60 }, (_, i) => `racer ${i}`);
  let isWriting = true;
  const following = (async () => {
    while (isWriting) {
      await db().identityIndex.follow(7, clock);
      await Bun.sleep(1);
    }
  })();
  await Promise.all(
    names.map(async (name, i) => {
      for (let n = 0; n < 15; n++) {
        await put(name, { n: (i + n) % 5, ...(n % 3 === 0 ? { sometimes: n } : {}), [`key ${n % 4}`]: n % 2 === 0 });
        if (n % 7 === 6) await sql`delete from identities where identifier = ${name}`.execute(db().kysely);
      }
    }),
  );
  isWriting = false;
  await following;
  await catchUp(7);
  expect(await held()).toEqual(await wanted());
  const counts = new Map<string, number>();
  for (const [, key, type] of await wanted()) counts.set(`${key} ${type}`, (counts.get(`${key} ${type}`) ?? 0) + 1);
  for (const { key, type, count } of await keys())
    expect([key, type, count]).toEqual([key, type, counts.get(`${key} ${type}`) ?? 0]);
});

test("identities that were there before the index are filled in, beside what changes meanwhile", async () => {
  const place = await insertEnvironment(db());
  for (let i = 0; i < 30; i++) await put(`old ${i}`, { n: i }, place.environmentId);
  await sql`delete from identity_changes`.execute(db().kysely);
  await sql`insert into identity_fill (environment_id, next_id, last_id)
    select environment_id, 0, max(id) from identities where environment_id = ${place.environmentId} group by 1`.execute(
    db().kysely,
  );
  await db().identityIndex.follow(10, clock);
  await put("old 3", { n: "changed" }, place.environmentId);
  await put("old 29", { n: "changed", more: true }, place.environmentId);
  await put("new", { n: 1 }, place.environmentId);
  await catchUp(4);
  expect(await held(place.environmentId)).toEqual(await wanted(place.environmentId));
  expect(await terms("old 2")).toHaveLength(11);
  expect(await db().kysely.selectFrom("identity_fill").selectAll().execute()).toEqual([]);
});

test("a deleted environment leaves nothing behind", async () => {
  const place = await insertEnvironment(db());
  for (let i = 0; i < 20; i++) await put(`leaver ${i}`, { n: i, text: "t" }, place.environmentId);
  await catchUp();
  expect(await terms("leaver")).toHaveLength(20);
  await db().kysely.deleteFrom("environments").where("id", "=", place.environmentId).execute();
  await catchUp(6);
  expect(await terms("leaver")).toEqual([]);
  for (const table of ["trait_texts", "trait_numbers", "trait_keys", "identity_changes", "identity_sweeps"] as const) {
    const rows = await db()
      .kysely.selectFrom(table as "trait_keys")
      .selectAll()
      .where("environment_id", "=", place.environmentId)
      .execute();
    expect([table, rows]).toEqual([table, []]);
  }
  expect(await held()).toEqual(await wanted());
});

test("one identity of thousands of traits is followed in moments: writers wait for it on SQLite", async () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`many_${at}`, at % 2 === 0 ? 1 : "one"]));
  const { environmentId: own } = await insertEnvironment(store.db);
  await put("many", many, own);
  await catchUp();
  await put("many", { many_0: 2, many_1: "two" }, own);
  await catchUp();
  expect(await held(own)).toEqual(await wanted(own));
}, 15_000);
