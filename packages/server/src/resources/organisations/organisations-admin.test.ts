import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hashSecret, randomSecret } from "../../access/secrets.ts";
import { callWith, createOrganisation, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let ONE: string;

beforeAll(async () => {
  stage = await createStage();
  ONE = `/api/v1/organisations/${stage.organisationId}/`;
});
afterAll(() => stage.close());

describe("reading", () => {
  test("the list has the caller's organisations only", async () => {
    const list = await stage.send<PageBody>(200, "GET", "/api/v1/organisations/");
    expect(list).toMatchObject({ count: 1, next: null, previous: null });
    expect(list.results[0]).toMatchObject({
      id: stage.organisationId,
      name: "ours",
      role: "ADMIN",
      num_seats: 0,
      force_2fa: false,
      restrict_project_create_to_admin: false,
      persist_trait_data: true,
    });
  });

  test("one is found by its number and by its uuid, without regard to the uuid's case", async () => {
    const one = await stage.send(200, "GET", ONE);
    expect(await stage.send(200, "GET", `/api/v1/organisations/get-by-uuid/${one.uuid.toUpperCase()}/`)).toEqual(one);
    expect(one["created_date"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const limits = await stage.send<Record<string, unknown>>(200, "GET", `${ONE}get-subscription-metadata/`);
    expect(limits).toMatchObject({ max_seats: null, max_api_calls: null, max_projects: null });
  });

  test("what is not the caller's is not there", async () => {
    const one = await stage.send(200, "GET", ONE);
    await stage.refuses("GET", ONE, undefined, []);
    await stage.refuses("GET", `/api/v1/organisations/get-by-uuid/${one.uuid}/`, undefined, []);
    await stage.refuses("GET", `${ONE}get-subscription-metadata/`, undefined, []);
    for (const path of ["999999/", "x/", "get-by-uuid/x/", "0/"]) {
      await stage.send(404, "GET", `/api/v1/organisations/${path}`);
    }
  });
});

describe("changing", () => {
  test("a patch changes what it names, tells the audit log, and moves the environments that evaluate by it", async () => {
    const { projectId, environmentId } = await environmentOf(stage);
    const before = await stage.revision(environmentId);
    await stage.send(200, "PATCH", ONE, { name: "renamed", stop_serving_flags: false });
    expect(await stage.revision(environmentId)).toBe(before + 1);
    const [row] = await stage.audit();
    expect(row).toMatchObject({ action: "UPDATE", object_type: "organisation", actor: `key:${stage.admin.keyId}` });
    expect(JSON.parse(row?.before ?? "")).toMatchObject({ name: "ours" });
    expect(JSON.parse(row?.after ?? "")).toMatchObject({ name: "renamed" });
    await stage.send(200, "PATCH", ONE, { name: "renamed" });
    expect((await stage.audit())[0]?.id).toBe(row?.id as number);
    await stage.send(204, "DELETE", `/api/v1/projects/${projectId}/`);
  });

  test("a put needs the name and leaves what it does not name", async () => {
    await stage.send(200, "PATCH", ONE, { webhook_notification_email: "ops@example.com", force_2fa: true });
    expect(await stage.send(200, "PUT", ONE, { name: "ours" })).toMatchObject({
      name: "ours",
      webhook_notification_email: "ops@example.com",
      force_2fa: true,
    });
    expect(await stage.send<unknown>(400, "PUT", ONE, {})).toEqual({ name: ["This field is required."] });
    expect(await stage.send(200, "PATCH", ONE, { webhook_notification_email: null })).toMatchObject({
      webhook_notification_email: null,
    });
  });

  test.each([
    [{ name: "" }, { name: ["This field may not be blank."] }],
    [{ name: "x".repeat(2001) }, { name: ["Ensure this field has no more than 2000 characters."] }],
    [{ webhook_notification_email: "nobody" }, { webhook_notification_email: ["Enter a valid email address."] }],
    [{ force_2fa: "maybe" }, { force_2fa: ["Must be a valid boolean."] }],
    [[], { non_field_errors: ["Invalid data. Expected a dictionary, but got list."] }],
  ])("refuses bad settings (%#)", async (body, errors) => {
    expect(await stage.send<unknown>(400, "PATCH", ONE, body)).toEqual(errors);
  });

  test("only its administrators may change or delete it", async () => {
    const member = await stage.client([
      { scope: "organisation", id: stage.organisationId, permissions: ["CREATE_PROJECT"] },
    ]);
    await stage.refuses("PATCH", ONE, { name: "taken" }, [member]);
    await stage.refuses("PUT", ONE, { name: "taken" }, [member]);
    await stage.refuses("DELETE", ONE, undefined, [member]);
  });

  test("people may create one and are its administrators; a key may not, since it belongs to its organisation", async () => {
    await stage.send(403, "POST", "/api/v1/organisations/", { name: "another" });
    const { token, userId } = await userOf(stage);
    const made = await callWith(stage.app.request, `Token ${token}`, "POST", "/api/v1/organisations/", { name: "new" });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: "new", role: "ADMIN", num_seats: 1 });
    expect((await stage.audit())[0]).toMatchObject({ action: "CREATE", actor: `user:${userId}` });
    const list = await callWith(stage.app.request, `Token ${token}`, "GET", "/api/v1/organisations/");
    expect((list.body as PageBody).results.map((row) => row["name"])).toEqual(["new"]);
    const anonymous = await callWith(stage.app.request, undefined, "POST", "/api/v1/organisations/", { name: "a" });
    expect(anonymous.status).toBe(401);
  });
});

test("deleting one takes its projects, keys and grants along, and its SDKs are told no more", async () => {
  const other = await createStage();
  const { apiKey } = await environmentOf(other);
  const id = other.organisationId;
  await other.client([{ scope: "organisation", id, permissions: ["CREATE_PROJECT"] }]);
  expect(await other.flags(apiKey)).toEqual({});
  await other.send(204, "DELETE", `/api/v1/organisations/${id}/`);
  expect(await other.app.db.kysely.selectFrom("permission_grants").selectAll().execute()).toEqual([]);
  expect(await other.app.db.kysely.selectFrom("projects").selectAll().execute()).toEqual([]);
  const refused = await other.app.request("/api/v1/flags/", { headers: { "X-Environment-Key": apiKey } });
  expect(refused.status).toBe(403);
  expect((await other.admin.call("GET", "/api/v1/organisations/")).status).toBe(401);
  expect((await other.audit())[0]).toMatchObject({
    action: "DELETE",
    object_type: "organisation",
    object_id: String(id),
  });
  await other.close();
});

test("a list goes on where its page ended, and a page that is not there is 404", async () => {
  for (let i = 0; i < 3; i++) await createOrganisation(stage.app.db, `more ${i}`);
  const page = await stage.send<PageBody>(200, "GET", "/api/v1/organisations/?page=1&page_size=1");
  expect(page.results).toHaveLength(1);
  expect(await stage.send<unknown>(404, "GET", "/api/v1/organisations/?page=2")).toEqual({ detail: "Invalid page." });
  await stage.send(404, "GET", "/api/v1/organisations/?page=x");
  await stage.send(200, "GET", "/api/v1/organisations/?page_size=x");
});

async function environmentOf(on: Stage) {
  const project = await on.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: on.organisationId });
  const environment = await on.send(201, "POST", "/api/v1/environments/", { name: "e", project: project.id });
  return { projectId: project.id, environmentId: environment.id, apiKey: environment["api_key"] as string };
}

async function userOf({ app }: Stage) {
  const token = randomSecret();
  const { id: userId } = await app.db.kysely
    .insertInto("users")
    .values({
      uuid: crypto.randomUUID(),
      email: "ana@example.com",
      first_name: "Ana",
      last_name: "",
      sign_up_type: null,
      is_active: 1,
      created_at: 1,
      last_login_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const row = { user_id: userId, hash: hashSecret(token), created_at: 1, last_used_at: null, expires_at: null };
  await app.db.kysely.insertInto("user_tokens").values(row).execute();
  return { token, userId };
}
