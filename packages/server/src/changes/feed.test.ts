import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { sql } from "kysely";
import type { Db } from "../db/database.ts";
import { openDatabase } from "../db/open-database.ts";
import { databaseName, openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { insertEnvironment, type TestEnvironment } from "../testing/test-environment.ts";
import { type Changes, createChanges, type EnvironmentChange } from "./commit.ts";

const several = (name: string, work: () => Promise<void>): void => {
  if (databaseName === "postgres") test(name, work);
  else test.skip(`${name} (one process owns a SQLite file: there is nobody to tell)`, work);
};

let store: TestDatabase;
let otherDb: Db;
let changes: Changes;
let place: TestEnvironment;
const own: EnvironmentChange[] = [];
const heard: EnvironmentChange[] = [];

const quiet = { actor: "test", requestId: null };

beforeAll(async () => {
  store = await openTestDatabase();
  otherDb = await openDatabase(store.url);
  changes = createChanges({ db: store.db, clock: Date.now, publish: (moved) => void own.push(...moved) });
  createChanges({ db: otherDb, clock: Date.now, publish: (moved) => void heard.push(...moved) });
  await Bun.sleep(200);
});
afterAll(async () => {
  await otherDb.close();
  await store.close();
});
beforeEach(async () => {
  place = await insertEnvironment(store.db);
  own.length = 0;
  heard.length = 0;
});

function touch(fails = false): Promise<void> {
  return changes.commit(quiet, async (trx) => {
    await trx.updateTable("environments").set({ description: "x" }).where("id", "=", place.environmentId).execute();
    if (fails) throw new Error("no");
    const entry = {
      action: "UPDATE" as const,
      objectType: "environment",
      objectId: "1",
      organisationId: null,
      projectId: null,
      environmentId: place.environmentId,
      log: "touched",
      before: null,
      after: null,
    };
    return { result: undefined, entries: [entry], environments: [place.environmentId] };
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !isTrue(); tries++) await Bun.sleep(10);
}

several("another node hears of a commit, and the own node hears of it once", async () => {
  await touch();
  await until(() => heard.length > 0);
  await Bun.sleep(50);
  expect(own).toHaveLength(1);
  expect(heard).toEqual(own);
});

several("a commit that fails is not heard of", async () => {
  await touch(true).catch(() => {});
  await touch();
  await until(() => heard.length > 0);
  expect(heard.map((change) => change.revision)).toEqual([1]);
});

several("a listening connection that the server cuts comes back by itself", async () => {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and pid <> pg_backend_pid()`.execute(
    store.db.kysely,
  );
  for (let tries = 0; tries < 100 && heard.length === 0; tries++) {
    await touch();
    await Bun.sleep(50);
  }
  expect(heard.length).toBeGreaterThan(0);
});

several("messages that are not ours are passed over", async () => {
  for (const payload of ["", "no json", "{}", '{"from":"x","changes":[["a"]]}', "null"]) {
    await sql`select pg_notify('burgee_changes', ${payload})`.execute(store.db.kysely);
  }
  await touch();
  await until(() => heard.length > 0);
  expect(heard).toEqual(own);
});

several("a change of very many environments is heard of in full", async () => {
  const rows = await sql<{ id: number }>`
    insert into environments (uuid, project_id, name, api_key, allow_client_traits, hide_sensitive_data,
      use_identity_composite_key_for_hashing, use_identity_overrides_in_local_eval, revision, updated_at, created_at)
    select gen_random_uuid()::text, ${place.projectId}, 'many ' || n, gen_random_uuid()::text, 1, 0, 1, 1, 0, 0, 0
    from generate_series(1, 450) as n returning id`.execute(store.db.kysely);
  await changes.commit(quiet, async () => ({
    result: undefined,
    entries: [
      {
        action: "UPDATE",
        objectType: "project",
        objectId: "1",
        organisationId: null,
        projectId: null,
        environmentId: null,
        log: "x",
        before: null,
        after: null,
      },
    ],
    projects: [place.projectId],
  }));
  await until(() => heard.length >= 451);
  expect(heard).toHaveLength(rows.rows.length + 1);
});
