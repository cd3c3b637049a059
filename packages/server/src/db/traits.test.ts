import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { insertEnvironment, upsertIdentity } from "../testing/test-environment.ts";

let store: TestDatabase;
let environmentId: number;

beforeAll(async () => {
  store = await openTestDatabase();
  ({ environmentId } = await insertEnvironment(store.db));
});
afterAll(() => store.close());

const set = (traits: string) => store.db.lane.write(upsertIdentity, [environmentId, "ann", traits]);
const where = "WHERE environment_id = ? AND identifier = 'ann'";

async function merge(patch: string): Promise<string | undefined> {
  const text = `UPDATE identities SET traits = ${store.db.capabilities.mergeTraits} ${where} RETURNING traits`;
  const [row] = await store.db.lane.write<{ traits: string }>(text, [patch, environmentId]);
  return row?.traits.replaceAll(" ", "");
}

async function increment(key: string, by: number): Promise<unknown> {
  const { incrementTrait, canIncrementTrait } = store.db.capabilities;
  const text = `UPDATE identities SET traits = ${incrementTrait} ${where} AND ${canIncrementTrait} RETURNING traits`;
  const [row] = await store.db.lane.write<{ traits: string }>(text, [key, key, by, environmentId, key, key, by]);
  return row ? JSON.parse(row.traits) : undefined;
}

beforeEach(() => set("{}"));

test("a merge adds, replaces and, by null, deletes", async () => {
  await set('{"a":1,"b":"x","c":true}');
  expect(JSON.parse((await merge('{"b":2,"c":null,"d":false}')) ?? "")).toEqual({ a: 1, b: 2, d: false });
});

test("a whole float keeps its fraction, also where another trait changes", async () => {
  await set('{"ratio":2.0}');
  const merged = await merge('{"z":3.0}');
  expect(merged).toContain('"ratio":2.0');
  expect(merged).toContain('"z":3.0');
});

test("keys with quotes, dots, brackets, dollars and unicode are only keys", async () => {
  for (const key of ['a"b', "a.b", "a[0]", "$", "$.x", "é☃😀", "a\\b", "a\nb", "", "?", "$1"]) {
    await set("{}");
    expect(JSON.parse((await merge(JSON.stringify({ [key]: 1 }))) ?? "")).toEqual({ [key]: 1 });
    expect(await increment(key, 4)).toEqual({ [key]: 5 });
    expect(JSON.parse((await merge(JSON.stringify({ [key]: null }))) ?? "")).toEqual({});
  }
});

test("an increment starts a missing trait at zero and keeps the others", async () => {
  await set('{"other":"x"}');
  expect(await increment("n", 3)).toEqual({ other: "x", n: 3 });
  expect(await increment("n", -5)).toEqual({ other: "x", n: -2 });
});

test.each(['"12"', "1.5", "2.0", "true", '"x"', "12345678901"])("an increment leaves %s alone", async (value) => {
  await set(`{"n":${value}}`);
  expect(await increment("n", 1)).toBeUndefined();
});

test("an increment stops at the ends of 32 bits", async () => {
  await set('{"n":2147483646}');
  expect(await increment("n", 1)).toEqual({ n: 2_147_483_647 });
  expect(await increment("n", 1)).toBeUndefined();
  await set('{"n":-2147483647}');
  expect(await increment("n", -1)).toEqual({ n: -2_147_483_648 });
  expect(await increment("n", -1)).toBeUndefined();
});

test("merges of one moment lose none of one another's traits", async () => {
  await Promise.all(Array.from({ length: 100 }, (_, n) => merge(`{"k${n}":${n}}`)));
  expect(Object.keys(JSON.parse((await merge("{}")) ?? "{}"))).toHaveLength(100);
});
