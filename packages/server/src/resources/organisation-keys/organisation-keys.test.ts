import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { callWith, createPerson, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let base: string;
let skew = 0;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
  base = `/api/v1/organisations/${stage.organisationId}/master-api-keys/`;
});
afterAll(() => stage.close());

interface Key {
  readonly id: string;
  readonly prefix: string;
  readonly key: string;
}
const make = (body: object) => stage.send<Key>(201, "POST", base, body);
const works = async (key: string) => {
  const answer = await callWith(stage.app.request, `Api-Key ${key}`, "GET", "/api/v1/organisations/");
  return answer.status === 200;
};

describe("organisation keys", () => {
  test("are shown once, kept as a hash, and work", async () => {
    const person = await createPerson(stage.app, { organisationId: stage.organisationId, role: "ADMIN" });
    await stage.refuses("POST", base, { name: "x" }, [await stage.client([])]);
    const { status, body } = await person.call("POST", base, { name: "deploys" });
    expect(status).toBe(201);
    const { key, ...shown } = body as Key;
    expect(shown as unknown).toEqual({
      id: shown.prefix,
      prefix: key.split(".")[0],
      created: expect.stringMatching(/\.\d{6}Z$/),
      name: "deploys",
      revoked: false,
      expiry_date: null,
      has_expired: false,
      is_admin: true,
      created_by: person.id,
      last_used: null,
    });
    expect(await works(key)).toBe(true);
    const secret = key.split(".")[1] ?? "";
    for (const table of ["organisation_keys", "audit"] as const) {
      const stored = await stage.app.db.kysely.selectFrom(table).selectAll().execute();
      expect(JSON.stringify(stored)).not.toContain(secret);
    }
    expect((await stage.audit())[0]).toMatchObject({
      action: "CREATE",
      object_type: "organisation_key",
      actor: `user:${person.id}`,
    });
    await Bun.sleep(50);
    const again = await stage.send<{ last_used: string }>(200, "GET", `${base}${shown.prefix}/`);
    expect(again).not.toHaveProperty("key");
    expect(again.last_used).toBeString();
    expect(JSON.stringify(await stage.send<unknown>(200, "GET", base))).not.toContain(secret);
  });

  test("are renamed, revoked, prolonged and deleted", async () => {
    const key = await make({ name: "short" });
    const one = `${base}${key.prefix}/`;
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
      await stage.refuses(method, one, { name: "y" }, [await stage.client([])]);
    }
    expect(await stage.send<unknown>(200, "PATCH", one, { name: "long" })).toMatchObject({
      name: "long",
      revoked: false,
    });
    expect(await stage.send<unknown>(200, "PATCH", one, { revoked: true })).toMatchObject({
      name: "long",
      revoked: true,
    });
    const [entry] = await stage.audit();
    expect([JSON.parse(entry?.before ?? "").revoked, JSON.parse(entry?.after ?? "").revoked]).toEqual([false, true]);
    expect(await works(key.key)).toBe(false);
    await stage.send(200, "PUT", one, { name: "long", revoked: false });
    expect(await works(key.key)).toBe(true);
    const soon = new Date(Date.now() + skew + 60_000).toISOString();
    expect(await stage.send<unknown>(200, "PATCH", one, { expiry_date: soon })).toMatchObject({ has_expired: false });
    skew += 60_001;
    expect(await works(key.key)).toBe(false);
    expect(await stage.send<unknown>(200, "GET", one)).toMatchObject({ has_expired: true });
    await stage.send(200, "PATCH", one, { expiry_date: null });
    expect(await works(key.key)).toBe(true);
    await stage.send(204, "DELETE", one);
    expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "organisation_key" });
    expect(await works(key.key)).toBe(false);
    await stage.send(404, "GET", one);
  });

  test("without being administrator do what their roles say", async () => {
    const key = await make({ name: "reader", is_admin: false });
    const organisation = `/api/v1/organisations/${stage.organisationId}`;
    const project = await stage.send(201, "POST", "/api/v1/projects/", {
      name: "K",
      organisation: stage.organisationId,
    });
    const see = async () => {
      const answer = await callWith(stage.app.request, `Api-Key ${key.key}`, "GET", `/api/v1/projects/${project.id}/`);
      return answer.status;
    };
    expect(await see()).toBe(404);
    const role = await stage.send(201, "POST", `${organisation}/roles/`, { name: "reading" });
    const permissions = [{ permission_key: "VIEW_PROJECT" }];
    await stage.send(201, "POST", `${organisation}/roles/${role.id}/projects-permissions/`, {
      project: project.id,
      permissions,
    });
    await stage.send(201, "POST", `${organisation}/roles/${role.id}/master-api-keys/`, { master_api_key: key.id });
    expect(await see()).toBe(200);
    const ask = (method: string, path: string, body?: unknown) =>
      callWith(stage.app.request, `Api-Key ${key.key}`, method, path, body);
    expect((await ask("POST", base, { name: "another", is_admin: true })).status).toBe(403);
    expect((await ask("PATCH", `${base}${key.prefix}/`, { is_admin: true })).status).toBe(403);
    await stage.send(204, "DELETE", `${base}${key.prefix}/`);
    const left = stage.app.db.kysely.selectFrom("role_members").selectAll().where("subject_type", "=", "key");
    expect(await left.where("role_id", "=", role.id).execute()).toEqual([]);
  });

  test.each([
    [{ name: "x".repeat(51) }, { name: ["Ensure this field has no more than 50 characters."] }],
    [{ name: "x", expiry_date: "tomorrow" }, { expiry_date: [expect.stringContaining("Datetime has wrong format.")] }],
    [{ name: "x", is_admin: "perhaps" }, { is_admin: ["Must be a valid boolean."] }],
  ])("refuse %j", async (body, expected) => {
    expect(await stage.send<unknown>(400, "POST", base, body)).toEqual(expected);
  });

  test("of another organisation are not found", async () => {
    const prefix = stage.stranger.key.split(".")[0];
    await stage.send(404, "GET", `${base}${prefix}/`);
    await stage.send(404, "DELETE", `${base}${prefix}/`);
    expect(await works(stage.stranger.key)).toBe(true);
  });
});
