import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";
import { addRetentionJobs } from "./retention.ts";

let stage: Stage;
let environment: number;
let path: string;
const DAY_MS = 86_400_000;
const today = Math.floor(Date.now() / DAY_MS);

beforeAll(async () => {
  stage = await createStage();
  const project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  const made = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: project.id });
  environment = made.id;
  path = `/api/v1/environments/${made["api_key"]}/`;
  const rows = [0, 1, 29, 30, 31, 400].map((age) => ({
    environment_id: environment,
    identifier: `seen ${age} days ago`,
    traits: "{}",
    has_overrides: 0,
    created_at: 1,
    last_seen_day: today - age,
  }));
  await stage.app.db.kysely.insertInto("identities").values(rows).execute();
});
afterAll(() => stage.close());

const left = async () => {
  const rows = await stage.app.db.kysely
    .selectFrom("identities")
    .select("identifier")
    .where("environment_id", "=", environment)
    .orderBy("last_seen_day")
    .execute();
  return rows.map((row) => row.identifier);
};

async function runDaily(now = Date.now): Promise<void> {
  await addRetentionJobs({ db: stage.app.db, jobs: stage.app.app.jobs, now });
  for (let tries = 0; tries < 200; tries++) {
    const { results } = await stage.send<{ results: Body[] }>(200, "GET", `${path}jobs/`);
    if (results.every((job) => job["finished_date"] !== null)) return;
    await Bun.sleep(25);
  }
}

test("a preview counts and deletes nobody", async () => {
  const preview = await stage.send<Body>(200, "GET", `${path}retention-preview/?days=30`);
  const oldest = new Date((today - 400) * DAY_MS).toISOString().slice(0, 10);
  expect(preview).toMatchObject({ would_delete: 2, total: 6, oldest_last_seen: oldest });
  expect((await stage.admin.call("GET", `${path}retention-preview/?days=0`)).status).toBe(400);
  expect(await left()).toHaveLength(6);
});

test("nobody is deleted where it is not switched on", async () => {
  await runDaily();
  expect(await left()).toHaveLength(6);
});

test("switched on, it deletes once a day whoever was not seen for longer, and says so", async () => {
  expect(await stage.send<Body>(200, "PATCH", path, { identity_retention_days: 30 })).toMatchObject({
    identity_retention_days: 30,
  });
  await runDaily();
  const stay = ["seen 30 days ago", "seen 29 days ago", "seen 1 days ago", "seen 0 days ago"];
  expect(await left()).toEqual(stay);
  const [entry] = await stage.audit();
  expect(entry).toMatchObject({
    actor: "retention",
    object_type: "job",
    log: "2 identities of e deleted, unseen for 30 days",
  });
  await runDaily();
  const { results } = await stage.send<{ results: Body[] }>(200, "GET", `${path}jobs/`);
  expect(results.filter((job) => job["type"] === "retention")).toHaveLength(1);
  await runDaily(() => Date.now() + DAY_MS);
  expect(await left()).toEqual(stay.slice(1));
});

test.each([0, -1, 36_501, "x"])("%p days are refused", async (days) => {
  expect((await stage.admin.call("PATCH", path, { identity_retention_days: days })).status).toBe(400);
});

test("switched off again, it keeps everybody", async () => {
  await stage.send(200, "PATCH", path, { identity_retention_days: null });
  await runDaily(() => Date.now() + 1000 * DAY_MS);
  expect(await left()).toHaveLength(3);
});
