import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { environmentRow, insertEnvironment, type TestEnvironment } from "../testing/test-environment.ts";
import {
  type AuditEntry,
  type Change,
  type Changes,
  createChanges,
  type EnvironmentChange,
  identitySubject,
} from "./commit.ts";
import { createIdentityNews, identityTopic } from "./identity-news.ts";

let store: TestDatabase;
let changes: Changes;
let place: TestEnvironment;
let now = 1_000;
let published: EnvironmentChange[][] = [];
const request = { actor: "user:1", requestId: "r1" };

beforeAll(async () => {
  store = await openTestDatabase();
  const publish = (moved: readonly EnvironmentChange[]) => void published.push([...moved]);
  changes = createChanges({ db: store.db, clock: () => now, publish });
});
afterAll(() => store.close());
beforeEach(async () => {
  place = await insertEnvironment(store.db);
  published = [];
  now = 1_000;
});

function entry(details: Partial<AuditEntry> = {}): AuditEntry {
  return {
    action: "UPDATE",
    objectType: "environment",
    objectId: String(place.environmentId),
    organisationId: place.organisationId,
    projectId: place.projectId,
    environmentId: place.environmentId,
    log: "Renamed",
    before: { name: "a" },
    after: { name: "b" },
    ...details,
  };
}

const touch = (details: Partial<Change<string>> = {}): Promise<string> =>
  changes.commit(request, async () => ({
    result: "done",
    entries: [entry()],
    environments: [place.environmentId],
    ...details,
  }));

const environment = (id = place.environmentId) =>
  store.db.kysely.selectFrom("environments").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const audit = () =>
  store.db.kysely
    .selectFrom("audit")
    .selectAll()
    .where("environment_id", "=", place.environmentId)
    .orderBy("id")
    .execute();

test("a commit moves the revision, writes the audit row and publishes before it resolves", async () => {
  expect(await touch()).toBe("done");
  expect(published).toEqual([[{ environmentId: place.environmentId, revision: 1, updatedAt: 1_000 }]]);
  expect(await environment()).toMatchObject({ revision: 1, updated_at: 1_000 });
  const [row] = await audit();
  expect(row).toMatchObject({
    created_at: 1_000,
    revision: 1,
    actor: "user:1",
    request_id: "r1",
    action: "UPDATE",
    object_id: String(place.environmentId),
    before: '{"name":"a"}',
    after: '{"name":"b"}',
  });
});

test("updated_at grows even when the clock stands still or goes back", async () => {
  await touch();
  await touch();
  now = 10;
  await touch();
  expect((await environment()).updated_at).toBe(1_002);
  now = 5_000;
  await touch();
  expect((await environment()).updated_at).toBe(5_000);
});

test("a change of a project moves all of its environments in the order of their ids", async () => {
  const other = await store.db.kysely
    .insertInto("environments")
    .values(environmentRow(place.projectId))
    .returning("id")
    .executeTakeFirstOrThrow();
  await touch({ environments: [], projects: [place.projectId], entries: [entry({ environmentId: null })] });
  expect(published.flat().map((change) => change.environmentId)).toEqual([place.environmentId, other.id]);
  expect((await environment(other.id)).revision).toBe(1);
});

test("a new environment of the same commit starts at revision 1", async () => {
  const id = await changes.commit(request, async (trx) => {
    const made = await trx
      .insertInto("environments")
      .values(environmentRow(place.projectId))
      .returning("id")
      .executeTakeFirstOrThrow();
    return { result: made.id, entries: [entry({ environmentId: made.id })], environments: [made.id] };
  });
  expect(await environment(id)).toMatchObject({ revision: 1, updated_at: 1_000 });
});

test("a deleted environment is published with a revision that no copy has", async () => {
  await changes.commit(request, async (trx) => {
    await trx.deleteFrom("environments").where("id", "=", place.environmentId).execute();
    return { result: null, entries: [entry({ action: "DELETE" })], environments: [place.environmentId] };
  });
  expect(published[0]?.[0]?.revision).toBe(Number.MAX_SAFE_INTEGER);
  expect((await audit()).map((row) => row.revision)).toEqual([null]);
});

test("a body that throws leaves no row, no revision, no audit and no publication", async () => {
  const work = changes.commit(request, async (trx) => {
    await trx.updateTable("environments").set({ name: "lost" }).where("id", "=", place.environmentId).execute();
    throw new Error("no");
  });
  await expect(work).rejects.toThrow("no");
  expect(await environment()).toMatchObject({ revision: 0 });
  expect((await environment()).name).not.toBe("lost");
  expect(await audit()).toEqual([]);
  expect(published).toEqual([]);
});

test("a body that changed nothing moves nothing", async () => {
  await touch({ entries: [] });
  expect((await environment()).revision).toBe(0);
  expect(published).toEqual([]);
});

test("concurrent commits give every revision once, each later than the one before", async () => {
  const callers = 40;
  await Promise.all(Array.from({ length: callers }, () => touch()));
  const moved = published.flat().sort((a, b) => a.revision - b.revision);
  expect(moved.map((change) => change.revision)).toEqual(Array.from({ length: callers }, (_, n) => n + 1));
  for (const [n, change] of moved.entries()) {
    if (n > 0) expect(change.updatedAt).toBeGreaterThan(moved[n - 1]?.updatedAt ?? Number.POSITIVE_INFINITY);
  }
  expect((await audit()).map((row) => row.revision).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual(
    moved.map((change) => change.revision),
  );
});

test("commits that name the same environments in different orders all succeed", async () => {
  const other = await insertEnvironment(store.db);
  const both = [place.environmentId, other.environmentId];
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => touch({ environments: n % 2 === 0 ? both : both.toReversed() })),
  );
  expect((await environment()).revision).toBe(20);
  expect((await environment(other.environmentId)).revision).toBe(20);
});

test("what is only about identities names them; with anything else beside it, it is about everybody", async () => {
  const ana = { type: "identity", id: identitySubject(place.environmentId, "ana") };
  const override = entry({ objectType: "identity_override", subjects: [ana, { type: "feature", id: "3" }] });
  const concerned = async (details: Partial<Change<string>>) => {
    published = [];
    await touch(details);
    return published.flat().find((change) => change.environmentId === place.environmentId)?.identities;
  };
  expect(await concerned({ entries: [override] })).toEqual([identityTopic(place.environmentId, "ana")]);
  expect(await concerned({ entries: [override, entry({ subjects: [ana] })] })).toBeUndefined();
  expect(await concerned({ entries: [override], projects: [place.projectId] })).toBeUndefined();
  expect(await concerned({ entries: [entry({ objectType: "identity_override" })] })).toBeUndefined();
});

test("who listens to an identity hears of its traits, though no revision moves", async () => {
  const news = createIdentityNews({ db: { kysely: store.db.kysely }, onError: () => {} });
  const own = createChanges({ db: store.db, clock: () => now, publish: () => {}, news });
  const heard: string[] = [];
  for (const name of ["ana", "bob"]) news.watch(identityTopic(place.environmentId, name), () => heard.push(name));
  const ana = { type: "identity", id: identitySubject(place.environmentId, "ana") };
  const change = { result: 1, entries: [entry({ objectType: "trait", subjects: [ana] })] };
  await own.commit(request, async () => change);
  expect(heard).toEqual(["ana"]);
  const failing = own.commit(request, async () => Promise.reject(new Error("no")));
  expect(await failing.catch(() => "refused")).toBe("refused");
  expect(heard).toEqual(["ana"]);
});
