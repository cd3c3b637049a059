import { afterAll, beforeAll, expect, test } from "bun:test";
import { type AdminClient, type Body, createPerson, createStage, type Stage } from "../testing/index.ts";

type Client = Pick<AdminClient, "call">;

let stage: Stage;
const many = 6_000;

beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

async function place(identities: number, organisation = stage.organisationId, client: Client = stage.admin) {
  const post = async (path: string, body: object) => (await client.call("POST", `/api/v1/${path}`, body)).body as Body;
  const project = await post("projects/", { name: crypto.randomUUID(), organisation });
  await post(`projects/${project.id}/features/`, { name: "banner" });
  const made = await post("environments/", { name: "e", project: project.id });
  const rows = Array.from({ length: identities }, (_, n) => ({
    environment_id: made.id,
    identifier: `u${n}`,
    traits: '{"a":1}',
    has_overrides: 0,
    created_at: 1,
    last_seen_day: 1,
  }));
  for (let i = 0; i < identities; i += 1000) {
    await stage.app.db.kysely
      .insertInto("identities")
      .values(rows.slice(i, i + 1000))
      .execute();
  }
  return { project: project.id, environment: made.id, key: String(made["api_key"]) };
}

async function left(environment: number) {
  const count = async (table: "identities" | "environments", column: "environment_id" | "id") => {
    const query = stage.app.db.kysely.selectFrom(table as "identities").where(column, "=", environment);
    const row = await query.select((e) => e.fn.countAll<number | string>().as("n")).executeTakeFirstOrThrow();
    return Number(row.n);
  };
  return { identities: await count("identities", "environment_id"), environments: await count("environments", "id") };
}

async function cleared(environment: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const now = await left(environment);
    if (now.identities + now.environments === 0) return;
    await Bun.sleep(25);
  }
  throw new Error("it is not cleared away");
}

const tombstones = () =>
  stage.app.db.kysely.selectFrom("organisations").select("id").where("name", "=", "Deleted environments").execute();

async function isGone({ key, project, environment }: Awaited<ReturnType<typeof place>>): Promise<void> {
  const sdk = await stage.app.request("/api/v1/flags/", { headers: { "X-Environment-Key": key } });
  expect(sdk.status).toBe(403);
  expect((await stage.admin.call("GET", `/api/v1/environments/${key}/`)).status).toBe(404);
  expect((await stage.admin.call("GET", `/api/v1/environments/${key}/identities/`)).status).toBe(404);
  const byProject = await stage.admin.call("GET", `/api/v1/environments/?project=${project}`);
  if (byProject.status === 200) expect((byProject.body as { results: Body[] }).results).toEqual([]);
  await cleared(environment);
}

test("a large environment is gone with the answer, and its identities soon", async () => {
  const there = await place(many);
  expect(Object.keys(await stage.flags(there.key))).toEqual(["banner"]);
  await stage.send(204, "DELETE", `/api/v1/environments/${there.key}/`);
  expect((await left(there.environment)).identities).toBe(many);
  const [entry] = await stage.audit();
  expect(entry).toMatchObject({ action: "DELETE", object_type: "environment", object_id: String(there.environment) });
  await isGone(there);
  for (let tries = 0; (await tombstones()).length > 0 && tries < 100; tries++) await Bun.sleep(20);
  expect(await tombstones()).toEqual([]);
});

test("so it is with a large environment's project", async () => {
  const there = await place(many);
  await stage.send(204, "DELETE", `/api/v1/projects/${there.project}/`);
  await isGone(there);
});

test("so it is with the organisation of somebody who deletes the account, as its only member", async () => {
  const person = await createPerson(stage.app);
  const { body } = await person.call("POST", "/api/v1/organisations/", { name: "own" });
  const there = await place(many, (body as Body).id, person);
  const { kysely } = stage.app.db;
  const scope = { scope_type: "environment", scope_id: there.environment } as const;
  const grant = { ...scope, subject_type: "user", subject_id: 1_000_000, permissions: "[]", is_admin: 1 } as const;
  await kysely.insertInto("permission_grants").values(grant).execute();
  const farewell = { current_password: person.password, delete_orphan_organisations: true };
  expect((await person.call("DELETE", "/api/v1/auth/users/me/", farewell)).status).toBe(204);
  expect((await left(there.environment)).identities).toBe(many);
  const grants = kysely.selectFrom("permission_grants").selectAll().where("scope_id", "=", there.environment);
  expect(await grants.where("scope_type", "=", "environment").execute()).toEqual([]);
  await isGone(there);
});

test("a name and a key can be had again at once", async () => {
  const there = await place(many);
  await stage.send(204, "DELETE", `/api/v1/environments/${there.key}/`);
  const body = { name: "e", project: there.project, api_key: there.key };
  await stage.send(201, "POST", "/api/v1/environments/", body);
  expect(Object.keys(await stage.flags(there.key))).toEqual(["banner"]);
  await cleared(there.environment);
  expect(Object.keys(await stage.flags(there.key))).toEqual(["banner"]);
});

test("a small one goes with its row, without a job", async () => {
  const there = await place(10);
  await stage.send(204, "DELETE", `/api/v1/environments/${there.key}/`);
  expect(await left(there.environment)).toEqual({ identities: 0, environments: 0 });
});
