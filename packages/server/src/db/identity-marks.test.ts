/** Whoever writes identities or overrides, by whatever way: while somebody wants to know, what they were before is kept. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { sql } from "kysely";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { insertEnvironment } from "../testing/test-environment.ts";

let test_: TestDatabase;
let environmentId: number;
let hookId: number;

const db = () => test_.db;
const marks = () =>
  db()
    .kysely.selectFrom("identity_marks")
    .select(["environment_id", "identifier", "feature_id", "held"])
    .orderBy("identifier")
    .orderBy("feature_id")
    .execute();
const heldOf = async (identifier: string) => {
  const row = (await marks()).find((mark) => mark.identifier === identifier && mark.feature_id === 0);
  return row === undefined ? "no mark" : row.held && JSON.parse(row.held);
};
const write = (text: string, parameters: (string | number)[]) => db().lane.write(text, parameters);
const INSERT =
  "INSERT INTO identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day) VALUES (?, ?, ?, 0, 1, 1)";
const upsert = (identifier: string, traits: string) =>
  write(
    `${INSERT} ON CONFLICT (environment_id, identifier) DO UPDATE SET traits = excluded.traits, last_seen_day = excluded.last_seen_day RETURNING id`,
    [environmentId, identifier, traits],
  );

beforeAll(async () => {
  test_ = await openTestDatabase();
  const { kysely } = db();
  const place = await insertEnvironment(db());
  environmentId = place.environmentId;
  const row = await kysely
    .insertInto("webhooks")
    .values({
      organisation_id: place.organisationId,
      environment_id: environmentId,
      url: "https://example.com",
      secret: "",
      enabled: 1,
      created_at: 1,
      updated_at: 1,
      watches_identities: 0,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  hookId = row.id;
});
beforeEach(async () => {
  await db().kysely.deleteFrom("identity_marks").execute();
});
afterAll(() => test_.close());

const setWatching = async (watches_identities: number) => {
  await db().kysely.updateTable("webhooks").set({ watches_identities }).where("id", "=", hookId).execute();
  await db().identityMarks.follow();
};

test("nothing is noted until somebody wants to know, and nothing afterwards", async () => {
  expect(await db().identityMarks.areKept()).toBe(false);
  await upsert("before", `{"plan":"pro"}`);
  expect(await marks()).toEqual([]);
  await setWatching(1);
  await Promise.all([db().identityMarks.follow(), db().identityMarks.follow()]);
  expect(await db().identityMarks.areKept()).toBe(true);
  await upsert("before", `{"plan":"free"}`);
  expect(await heldOf("before")).toMatchObject({ traits: expect.stringContaining("pro") });
  await setWatching(0);
  expect(await db().identityMarks.areKept()).toBe(false);
  await upsert("after", `{}`);
  expect(await heldOf("after")).toBe("no mark");
  await setWatching(1);
});

test("a mark keeps what the identity was before the first of its changes", async () => {
  await upsert("ada", `{"n":1}`);
  expect(await heldOf("ada")).toBeNull();
  await db().kysely.deleteFrom("identity_marks").execute();
  await upsert("ada", `{"n":2}`);
  await upsert("ada", `{"n":3}`);
  const held = (await heldOf("ada")) as { id: number; traits: string };
  expect(JSON.parse(held.traits)).toEqual({ n: 1 });
  expect(held.id).toBeGreaterThan(0);
});

test("being seen is no change", async () => {
  await upsert("seen", `{"n":1}`);
  await db().kysely.deleteFrom("identity_marks").execute();
  await write("UPDATE identities SET last_seen_day = ? WHERE environment_id = ? AND identifier = ?", [
    9,
    environmentId,
    "seen",
  ]);
  await upsert("seen", `{"n":1}`);
  expect(await heldOf("seen")).toBe("no mark");
});

test("a rename is one identity gone and another one come; a deletion is one gone", async () => {
  await upsert("old name", `{"n":1}`);
  await upsert("doomed", `{"n":2}`);
  await db().kysely.deleteFrom("identity_marks").execute();
  await write("UPDATE identities SET identifier = ? WHERE environment_id = ? AND identifier = ?", [
    "new name",
    environmentId,
    "old name",
  ]);
  await db().kysely.deleteFrom("identities").where("identifier", "=", "doomed").execute();
  expect(await heldOf("old name")).toMatchObject({ traits: expect.any(String) });
  expect(await heldOf("new name")).toBeNull();
  expect(await heldOf("doomed")).toMatchObject({ traits: expect.any(String) });
});

test("many at once are each marked, and none is lost among racing writers", async () => {
  const names = Array.from({ length: 200 }, (_, i) => `many ${i}`);
  await Promise.all(names.map((name) => upsert(name, `{"n":1}`)));
  await Promise.all(names.flatMap((name) => [upsert(name, `{"n":2}`), upsert(name, `{"n":3}`)]));
  expect((await marks()).filter((mark) => mark.identifier.startsWith("many"))).toHaveLength(200);
  await db().kysely.deleteFrom("identity_marks").execute();
  await sql`update identities set traits = '{"n":4}' where identifier like 'many%'`.execute(db().kysely);
  expect((await marks()).filter((mark) => mark.held !== null)).toHaveLength(200);
});

test("a mark that somebody is reading away is made again", async () => {
  await upsert("raced", `{"n":1}`);
  await db()
    .kysely.transaction()
    .execute(async (trx) => {
      await trx.deleteFrom("identity_marks").where("identifier", "=", "raced").execute();
      if (!db().capabilities.multiNode) return;
      // Waits for this transaction, then finds no mark and makes one.
      const later = upsert("raced", `{"n":2}`);
      await Bun.sleep(50);
      void later;
    });
  await upsert("raced", `{"n":3}`);
  expect(await heldOf("raced")).toMatchObject({ traits: expect.any(String) });
});

test("overrides are marked with what they were, and their end counts as a change", async () => {
  await upsert("ada", `{}`);
  const { id: feature_id } = await insertFeature();
  const override = {
    environment_id: environmentId,
    identifier: "ada",
    feature_id,
    uuid: crypto.randomUUID(),
    hash_seed: "x",
  };
  const { kysely } = db();
  const values = { ...override, enabled: 1, value: '"blue"', variants: "[]", created_at: 1, updated_at: 1 };
  await kysely.insertInto("identity_overrides").values(values).execute();
  const mark = async () => (await marks()).find((row) => row.feature_id === feature_id);
  expect(await mark()).toMatchObject({ identifier: "ada", held: null });
  await kysely.deleteFrom("identity_marks").execute();
  await kysely.updateTable("identity_overrides").set({ updated_at: 2 }).where("feature_id", "=", feature_id).execute();
  expect(await mark()).toBeUndefined();
  await kysely.updateTable("identity_overrides").set({ is_expired: 1 }).where("feature_id", "=", feature_id).execute();
  expect(JSON.parse((await mark())?.held ?? "null")).toMatchObject({ enabled: 1, value: '"blue"', is_expired: 0 });
});

async function insertFeature() {
  const { kysely } = db();
  const { project_id } = await kysely
    .selectFrom("environments")
    .select("project_id")
    .where("id", "=", environmentId)
    .executeTakeFirstOrThrow();
  const flags = { default_enabled: 0, is_archived: 0, is_server_key_only: 0 };
  return kysely
    .insertInto("features")
    .values({
      project_id,
      uuid: crypto.randomUUID(),
      name: "theme",
      name_key: "theme",
      type: "STANDARD",
      created_at: 1,
      ...flags,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
}

test("nobody's environment is not marked: neither another organisation's, nor a stopped webhook's", async () => {
  const { environmentId: elsewhere } = await insertEnvironment(db());
  await write(INSERT, [elsewhere, "stranger", "{}"]);
  await db().kysely.updateTable("webhooks").set({ enabled: 0 }).where("id", "=", hookId).execute();
  await upsert("unwatched", "{}");
  await db().kysely.updateTable("webhooks").set({ enabled: 1 }).where("id", "=", hookId).execute();
  expect((await marks()).map((mark) => mark.identifier)).toEqual([]);
});
