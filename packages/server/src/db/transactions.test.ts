import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "kysely";
import { isAppError } from "../errors.ts";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { findIdentity, insertEnvironment, insertProject, upsertIdentity } from "../testing/test-environment.ts";

let store: TestDatabase;
let environmentId: number;

beforeAll(async () => {
  store = await openTestDatabase({ transactionLimitMs: 1_000 });
  ({ environmentId } = await insertEnvironment(store.db));
});
afterAll(() => store.close());

const nameOf = async (id: number) =>
  (await store.db.kysely.selectFrom("organisations").select("name").where("id", "=", id).executeTakeFirstOrThrow())
    .name;

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test("a transaction that throws leaves nothing behind", async () => {
  const { organisationId } = await insertProject(store.db, "kept");
  const work = store.db.kysely.transaction().execute(async (trx) => {
    await trx.updateTable("organisations").set({ name: "changed" }).where("id", "=", organisationId).execute();
    throw new Error("no");
  });
  expect(String(await failure(work))).toContain("no");
  expect(await nameOf(organisationId)).toBe("organisation of kept");
});

test("what a transaction wrote is seen inside at once and outside after its commit", async () => {
  const { organisationId } = await insertProject(store.db, "seen");
  await store.db.kysely.transaction().execute(async (trx) => {
    await trx.updateTable("organisations").set({ name: "new" }).where("id", "=", organisationId).execute();
    const inside = await trx.selectFrom("organisations").select("name").where("id", "=", organisationId).execute();
    expect(inside).toEqual([{ name: "new" }]);
    expect(await nameOf(organisationId)).toBe("organisation of seen");
  });
  expect(await nameOf(organisationId)).toBe("new");
});

test("hot writes beside a transaction are neither lost nor drawn into its rollback", async () => {
  const lane: Promise<unknown>[] = [];
  const work = store.db.kysely.transaction().execute(async (trx) => {
    await trx.updateTable("organisations").set({ name: "gone" }).execute();
    for (let n = 0; n < 20; n++) lane.push(store.db.lane.write(upsertIdentity, [environmentId, `beside-${n}`, "{}"]));
    await Bun.sleep(50);
    throw new Error("no");
  });
  await failure(work);
  await Promise.all(lane);
  for (let n = 0; n < 20; n++) {
    expect(await store.db.lane.get(findIdentity, [environmentId, `beside-${n}`])).toBeDefined();
  }
  expect(await store.db.kysely.selectFrom("organisations").select("id").where("name", "=", "gone").execute()).toEqual(
    [],
  );
});

test("transactions that add to the same number lose no addition", async () => {
  const { organisationId } = await insertProject(store.db, "counted");
  await store.db.kysely.updateTable("organisations").set({ created_at: 0 }).where("id", "=", organisationId).execute();
  await Promise.all(
    Array.from({ length: 20 }, () =>
      store.db.kysely.transaction().execute(async (trx) => {
        const increment = sql<number>`created_at + 1`;
        await trx
          .updateTable("organisations")
          .set({ created_at: increment })
          .where("id", "=", organisationId)
          .execute();
        await trx.selectFrom("organisations").select("id").execute();
      }),
    ),
  );
  const row = await store.db.kysely.selectFrom("organisations").selectAll().where("id", "=", organisationId).execute();
  expect(row[0]?.created_at).toBe(20);
});

test("a transaction past its time is rolled back, says so, and lets others through", async () => {
  const { organisationId } = await insertProject(store.db, "slow");
  const work = store.db.kysely.transaction().execute(async (trx) => {
    await trx.updateTable("organisations").set({ name: "late" }).where("id", "=", organisationId).execute();
    await Bun.sleep(1_500);
    await trx.updateTable("organisations").set({ name: "later" }).where("id", "=", organisationId).execute();
  });
  const refused = failure(work);
  await Bun.sleep(1_100);
  await store.db.lane.write(upsertIdentity, [environmentId, "after-slow", "{}"]);
  expect(isAppError(await refused, "database_busy")).toBe(true);
  expect(await nameOf(organisationId)).toBe("organisation of slow");
}, 10_000);

test("a broken unique key is a conflict that names the columns", async () => {
  const { organisationId } = await insertProject(store.db, "twice");
  const row = { uuid: "u", organisation_id: organisationId, name: "twice", hide_disabled_flags: 0 };
  const work = store.db.kysely
    .insertInto("projects")
    .values({ ...row, enable_realtime_updates: 0, created_at: 1 })
    .execute();
  const error = await failure(work);
  expect(isAppError(error, "conflict")).toBe(true);
  expect(isAppError(error) && error.details).toMatchObject({
    table: "projects",
    columns: ["organisation_id", "name"],
    reason: "unique",
  });
});

test("a missing parent is a conflict, and a missing value is invalid", async () => {
  const orphan = store.db.kysely
    .insertInto("environment_keys")
    .values({ environment_id: 424242, key: "k", name: "n", active: 1, created_at: 1 })
    .execute();
  const orphanError = await failure(orphan);
  expect(isAppError(orphanError, "conflict") && orphanError.details["reason"]).toBe("foreign key");
  const nothing = failure(sql`update organisations set name = null`.execute(store.db.kysely));
  const nothingError = await nothing;
  expect(isAppError(nothingError, "invalid") && nothingError.details["columns"]).toEqual(["name"]);
});

test("booleans are stored as 0 and 1, and dates as milliseconds", async () => {
  const { rows } = await sql<{ a: number; b: number }>`
    update organisations set persist_trait_data = ${true}, created_at = ${new Date(5)} returning persist_trait_data as a, created_at as b
  `.execute(store.db.kysely);
  expect(rows[0]).toEqual({ a: 1, b: 5 });
});

test("counts, sums and 64-bit columns are numbers", async () => {
  const big = 9_000_000_000_000;
  await store.db.kysely.updateTable("organisations").set({ created_at: big }).execute();
  const row = await store.db.kysely
    .selectFrom("organisations")
    .select((f) => [
      f.fn.countAll<number>().as("count"),
      f.fn.sum<number>("created_at").as("sum"),
      f.fn.max("created_at").as("max"),
    ])
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ count: row.count, sum: row.count * big, max: big });
  expect(typeof row.count).toBe("number");
});

test("deleting an organisation takes all it owns along, and leaves the audit log", async () => {
  const { organisationId, environmentId: id } = await insertEnvironment(store.db);
  await store.db.lane.write(upsertIdentity, [id, "owned", "{}"]);
  await store.db.kysely.deleteFrom("organisations").where("id", "=", organisationId).execute();
  expect(await store.db.kysely.selectFrom("environments").select("id").where("id", "=", id).execute()).toEqual([]);
  expect(await store.db.lane.get(findIdentity, [id, "owned"])).toBeUndefined();
});

test("numbers of deleted rows are not given again", async () => {
  const first = await insertEnvironment(store.db);
  await store.db.kysely.deleteFrom("environments").where("id", "=", first.environmentId).execute();
  const second = await insertEnvironment(store.db);
  expect(second.environmentId).toBeGreaterThan(first.environmentId);
});

test("a row inserted with an id of its own moves the next given one past it", async () => {
  const { projectId } = await insertProject(store.db);
  const feature = (name: string) => ({
    uuid: "u",
    project_id: projectId,
    name,
    name_key: name,
    type: "STANDARD" as const,
    default_enabled: 0,
    is_archived: 0,
    is_server_key_only: 0,
    created_at: 1,
  });
  await store.db.kysely
    .insertInto("features")
    .values([
      { id: 70_000, ...feature("imported") },
      { id: 60_000, ...feature("imported too") },
    ])
    .execute();
  const next = await store.db.kysely
    .insertInto("features")
    .values(feature("made here"))
    .returning("id")
    .executeTakeFirstOrThrow();
  expect(next.id).toBeGreaterThan(70_000);
});
