import { afterAll, beforeAll, expect, test } from "bun:test";
import { AppError } from "../errors.ts";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { findIdentity, insertEnvironment, upsertIdentity } from "../testing/test-environment.ts";

interface IdentityRow {
  id: number;
  traits: string;
}

let store: TestDatabase;
let environmentId: number;

beforeAll(async () => {
  store = await openTestDatabase();
  ({ environmentId } = await insertEnvironment(store.db));
});
afterAll(() => store.close());

const traitsOf = async (identifier: string): Promise<unknown> => {
  const row = await store.db.lane.get<IdentityRow>(findIdentity, [environmentId, identifier]);
  return row && JSON.parse(row.traits);
};

test("a write answers with its returning rows and is there to be read at once", async () => {
  const rows = await store.db.lane.write<IdentityRow>(upsertIdentity, [environmentId, "ann", '{"age":7}']);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ identifier: "ann" });
  expect(await traitsOf("ann")).toEqual({ age: 7 });
  const seen = await store.db.kysely.selectFrom("identities").select("id").where("identifier", "=", "ann").execute();
  expect(seen).toEqual([{ id: rows[0]?.id ?? 0 }]);
});

test("a read that finds nothing answers undefined, or no rows", async () => {
  expect(await store.db.lane.get(findIdentity, [environmentId, "nobody"])).toBeUndefined();
  expect(await store.db.lane.all(findIdentity, [environmentId, "nobody"])).toEqual([]);
});

test("a statement without returning answers no rows", async () => {
  const sql = "UPDATE identities SET last_seen_day = ? WHERE environment_id = ? AND identifier = ?";
  expect(await store.db.lane.write(sql, [9, environmentId, "nobody"])).toEqual([]);
});

test("every one of many writes of one moment gets its own answer", async () => {
  const names = Array.from({ length: 500 }, (_, i) => `many-${i}`);
  const answers = await Promise.all(
    names.map((name, i) =>
      store.db.lane.write<{ identifier: string }>(upsertIdentity, [environmentId, name, `{"n":${i}}`]),
    ),
  );
  expect(answers.map((rows) => rows[0]?.identifier)).toEqual(names);
  expect(await traitsOf("many-499")).toEqual({ n: 499 });
});

test("a failing statement rejects alone, and the others of its moment commit", async () => {
  const good = (name: string) => store.db.lane.write(upsertIdentity, [environmentId, name, "{}"]);
  const outcomes = await Promise.allSettled([
    good("before"),
    store.db.lane.write(upsertIdentity, [environmentId, "bad", null]),
    store.db.lane.write(upsertIdentity, [424242, "no such environment", "{}"]),
    store.db.lane.write("INSERT INTO no_such_table VALUES (?)", [1]),
    good("after"),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  const codes = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason instanceof AppError ? outcome.reason.code : outcome.reason] : [],
  );
  expect(codes).toEqual(["invalid", "conflict", "internal"]);
  expect(await traitsOf("before")).toEqual({});
  expect(await traitsOf("after")).toEqual({});
  expect(await traitsOf("bad")).toBeUndefined();
});

test("a read after each acknowledged write never finds the older value", async () => {
  await Promise.all(
    Array.from({ length: 16 }, async (_, caller) => {
      for (let n = 0; n < 50; n++) {
        await store.db.lane.write(upsertIdentity, [environmentId, `stale-${caller}`, `{"n":${n}}`]);
        expect(await traitsOf(`stale-${caller}`)).toEqual({ n });
      }
    }),
  );
});

test("the same text with more parameters fails and disturbs nobody", async () => {
  const sql = "UPDATE identities SET last_seen_day = 3 WHERE environment_id = ? AND identifier = ?";
  const outcomes = await Promise.allSettled([
    store.db.lane.write(sql, [environmentId, "ann"]),
    store.db.lane.write(sql, [environmentId]),
    store.db.lane.write(upsertIdentity, [environmentId, "after-odd", "{}"]),
  ]);
  expect(outcomes[0]?.status).toBe("fulfilled");
  expect(outcomes[2]?.status).toBe("fulfilled");
  expect(await traitsOf("after-odd")).toEqual({});
});

test("reads of one moment each get their own rows, in the order asked for", async () => {
  const names = ["r1", "r2", "r3"];
  await Promise.all(
    names.map((name) => store.db.lane.write(upsertIdentity, [environmentId, name, `{"name":"${name}"}`])),
  );
  const pair =
    "SELECT identifier FROM identities WHERE environment_id = ? AND identifier IN (?, ?) ORDER BY identifier DESC";
  const [first, missing, again, both, none, other] = await Promise.all([
    traitsOf("r1"),
    traitsOf("nobody"),
    traitsOf("r1"),
    store.db.lane.all<{ identifier: string }>(pair, [environmentId, "r2", "r3"]),
    store.db.lane.all<{ identifier: string }>(pair, [environmentId, "nobody", "no one"]),
    store.db.lane.all<{ identifier: string }>(pair, [environmentId, "r1", "r2"]),
  ]);
  expect([first, missing, again]).toEqual([{ name: "r1" }, undefined, { name: "r1" }]);
  expect(both.map((row) => row.identifier)).toEqual(["r3", "r2"]);
  expect(none).toEqual([]);
  expect(other.map((row) => row.identifier)).toEqual(["r2", "r1"]);
});

test("thousands of reads of one moment are answered", async () => {
  await store.db.lane.write(upsertIdentity, [environmentId, "popular", "{}"]);
  const answers = await Promise.all(
    Array.from({ length: 3_000 }, (_, n) => traitsOf(n % 3 === 0 ? "nobody" : "popular")),
  );
  expect(answers.filter((traits) => traits === undefined)).toHaveLength(1_000);
});

test("quotes, question marks and dollars in a text are not parameters", async () => {
  const sql =
    "SELECT '?' AS \"a?\", 'it''s $1' AS b, identifier FROM identities WHERE environment_id = ? AND identifier = ?";
  const both = await Promise.all([1, 2].map(() => store.db.lane.get(sql, [environmentId, "popular"])));
  expect(both).toEqual(Array(2).fill({ "a?": "?", b: "it's $1", identifier: "popular" }));
});
