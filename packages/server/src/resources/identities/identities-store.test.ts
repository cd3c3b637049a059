import { afterAll, beforeAll, expect, test } from "bun:test";
import { wholeFloat } from "@burgee/contract/sdk";
import { sql } from "kysely";
import type { AppError } from "../../errors.ts";
import { createTestApp, type TestApp } from "../../testing/index.ts";
import { oneEnvironment } from "../../testing/one-environment.ts";
import { databaseName } from "../../testing/test-database.ts";
import { insertEnvironment } from "../../testing/test-environment.ts";
import { createIdentitiesStore, type IdentitiesStore } from "./identities.store.ts";
import { readStoredTraits, writeStoredTraits } from "./stored-traits.ts";

let app: TestApp;
let store: IdentitiesStore;

const merge = (identifier: string, traits: object, isKnown?: boolean) => {
  const text = JSON.stringify(traits);
  return store.merge({ environmentId: 1, identifier, initial: text, patch: text }, isKnown);
};

beforeAll(async () => {
  app = await createTestApp();
  await app.importDocument(oneEnvironment("storeKey"));
  store = createIdentitiesStore(app.db, Date.now);
});

afterAll(() => app.close());

test("a write to an identity that exists takes no id from the counter", async () => {
  const first = await merge("first", { n: 0 }, false);
  for (let n = 1; n <= 50; n += 1) {
    await merge("first", { n }, true);
    await merge("first", { m: n });
    await store.increment(1, "first", "count", 1);
  }
  const second = await merge("second", {}, false);
  expect(second.id).toBe(first.id + 1);
});

test("whoever is wrong about what exists is right in the end", async () => {
  const made = await merge("unsure", { a: 1 }, true);
  expect(JSON.parse(made.traits)).toEqual({ a: 1 });
  const merged = await merge("unsure", { b: 2 }, false);
  expect(merged.id).toBe(made.id);
  expect(JSON.parse(merged.traits)).toEqual({ a: 1, b: 2 });
});

test.skipIf(databaseName !== "postgres")(
  "an identifier beyond what keys hold is refused in words (PostgreSQL's)",
  async () => {
    // What compresses well would fit.
    const identifier = Array.from({ length: 2000 }, (_, n) => String.fromCharCode(0x4e00 + ((n * 7919) % 20_000))).join(
      "",
    );
    expect(await merge(identifier, {}, false).catch((error: AppError) => error.details)).toMatchObject({
      detail: expect.stringContaining("2,600 bytes"),
    });
  },
);

test("a huge float stays one", async () => {
  const text = writeStoredTraits([["huge", wholeFloat(1e21)]]);
  await store.merge({ environmentId: 1, identifier: "huge", initial: text, patch: text });
  const row = await store.merge({ environmentId: 1, identifier: "huge", initial: text, patch: text });
  expect(readStoredTraits(row.traits)).toEqual({ huge: wholeFloat(1e21) });
});

test("an increment creates, adds, and refuses what is no integer or would leave 32 bits", async () => {
  expect(JSON.parse((await store.increment(1, "counted", "n", 5))?.traits ?? "")).toEqual({ n: 5 });
  expect(JSON.parse((await store.increment(1, "counted", "n", -7))?.traits ?? "")).toEqual({ n: -2 });
  await merge("counted", { text: "x", big: 2147483647 });
  expect(await store.increment(1, "counted", "text", 1)).toBeUndefined();
  expect(await store.increment(1, "counted", "big", 1)).toBeUndefined();
});

test("a write notes that the identity was seen today, unless that is noted already", async () => {
  const day = async () => (await store.find(1, "seen"))?.last_seen_day;
  await merge("seen", { a: 1 }, false);
  await app.db.kysely.updateTable("identities").set({ last_seen_day: 7 }).where("identifier", "=", "seen").execute();
  const change = { environmentId: 1, identifier: "seen", initial: "{}", patch: '{"a":2}' };
  const row = await store.merge({ ...change, isSeenNoted: true }, true);
  expect([JSON.parse(row.traits), row.last_seen_day, await day()]).toEqual([{ a: 2 }, 7, 7]);
  expect((await store.merge(change, true)).last_seen_day).toBe(store.today());
  expect(await day()).toBe(store.today());
});

test.skipIf(databaseName !== "postgres")(
  "a batch looks identities up by their key in an environment that is newer than the statistics (PostgreSQL's)",
  async () => {
    const { kysely, capabilities } = app.db;
    const fill = (environment: number, name: string) =>
      sql`insert into identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day)
      select ${environment}::integer, ${name}::text || n, '{}', 0, 1, 1 from generate_series(1, 3000) as n`.execute(
        kysely,
      );
    await fill(1, "old");
    await sql`analyze identities`.execute(kysely);
    const { environmentId: fresh } = await insertEnvironment(app.db);
    await fill(fresh, "new");
    const plan = await kysely.transaction().execute(async (trx) => {
      await sql.raw(capabilities.lookUpByKey).execute(trx);
      await sql`prepare look as select id from identities where environment_id = $1 and identifier = $2`.execute(trx);
      const { rows } = await sql`explain execute look(${sql.lit(fresh)}, 'new7')`.execute(trx);
      await sql`deallocate look`.execute(trx);
      return JSON.stringify(rows);
    });
    expect(plan).toContain("identities_pkey");
  },
);
