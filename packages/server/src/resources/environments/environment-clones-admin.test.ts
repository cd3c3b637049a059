/** Environments are cloned, and have keys of their own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let ONE: string;

const LIST = "/api/v1/environments/";
const keyOf = (body: Body): string => body["api_key"] as string;

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, {
    name: "banner",
    initial_value: "12",
    default_enabled: true,
  });
  environment = await stage.send(201, "POST", LIST, { name: "production", project: project.id });
  ONE = `${LIST}${keyOf(environment)}/`;
});
afterAll(() => stage.close());

describe("cloning", () => {
  test("copies settings, states, overrides and shares; neither identities nor keys; with seeds of its own", async () => {
    const own = await stage.send(201, "POST", "/api/v1/projects/", {
      name: "cloned",
      organisation: stage.organisationId,
    });
    const source = await stage.send(201, "POST", LIST, { name: "source", project: own.id, banner_text: "b" });
    const features = `/api/v1/projects/${own.id}/features/`;
    const feature = await stage.send(201, "POST", features, {
      name: "f",
      initial_value: "control",
      multivariate_options: [
        { string_value: "a", default_percentage_allocation: 10 },
        { string_value: "b", default_percentage_allocation: 20 },
      ],
    });
    const [a, b] = feature["multivariate_options"] as [Body, Body];
    const rules = [{ type: "ALL", conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] }];
    const segment = await stage.send(201, "POST", `/api/v1/projects/${own.id}/segments/`, { name: "s", rules });
    const flag = `/api/__future__/environments/${keyOf(source)}/features/${feature.id}/`;
    const weights = [
      { id: a.id, weight: 70 },
      { id: b.id, weight: 30 },
    ];
    const wanted = {
      environment_default: {
        enabled: true,
        value: { type: "integer", value: "4" },
        variants: [
          { id: a.id, weight: 0 },
          { id: b.id, weight: 0 },
        ],
      },
      segment_overrides: [
        { segment: { id: segment.id }, enabled: true, value: { type: "string", value: "pros" }, variants: weights },
      ],
    };
    const served = await stage.send<unknown>(200, "PATCH", flag, wanted);
    await stage.identify(keyOf(source), "ana");
    await stage.send(201, "POST", `${LIST}${keyOf(source)}/api-keys/`, { name: "k" });

    const clone = await stage.send(200, "POST", `${LIST}${keyOf(source)}/clone/`, {
      name: "clone",
      clone_feature_states_async: true,
    });
    expect(clone).toEqual({ id: clone.id, name: "clone", api_key: keyOf(clone), project: own.id } as unknown as Body);
    expect(keyOf(clone)).not.toBe(keyOf(source));
    expect(await stage.send(200, "GET", `${LIST}${keyOf(clone)}/`)).toMatchObject({
      banner_text: "b",
      total_segment_overrides: 1,
    });
    const copied = `/api/__future__/environments/${keyOf(clone)}/features/${feature.id}/`;
    expect(await stage.send<unknown>(200, "GET", copied)).toEqual(served);
    expect(await stage.flags(keyOf(clone))).toEqual(await stage.flags(keyOf(source)));
    expect(await stage.send<unknown[]>(200, "GET", `${LIST}${keyOf(clone)}/api-keys/`)).toEqual([]);
    const { kysely } = stage.app.db;
    expect(await kysely.selectFrom("identities").selectAll().where("environment_id", "=", clone.id).execute()).toEqual(
      [],
    );
    const states = await kysely
      .selectFrom("feature_states")
      .selectAll()
      .where("environment_id", "=", clone.id)
      .execute();
    expect(states).toHaveLength(2);
    for (const state of states) expect(state.hash_seed).toBe(String(state.id));
    expect((await stage.audit())[0]).toMatchObject({
      action: "CREATE",
      object_type: "environment",
      environment_id: clone.id,
      revision: 1,
    });

    await stage.send(200, "PATCH", copied, { environment_default: { enabled: false } });
    expect((await stage.flags(keyOf(source)))["f"]?.enabled).toBe(true);
    expect(await stage.send<unknown>(400, "POST", `${LIST}${keyOf(source)}/clone/`, { name: "clone" })).toEqual({
      non_field_errors: ["An environment with this name already exists."],
    });
    await stage.send(400, "POST", `${LIST}${keyOf(source)}/clone/`, {});
  });
});

describe("server-side keys", () => {
  const documentWith = async (key: string): Promise<number> =>
    (await stage.app.request("/api/v1/environment-document/", { headers: { "X-Environment-Key": key } })).status;

  test("are several, named, shown whole, and revoked at once", async () => {
    const path = `${ONE}api-keys/`;
    const first = await stage.send<Body & { key: string }>(201, "POST", path, { name: "first" });
    const second = await stage.send<Body & { key: string }>(201, "POST", path, { name: "second" });
    expect(first).toMatchObject({ active: true, name: "first", expires_at: null });
    expect(first.key).toMatch(/^ser\.[\w-]{32}$/);
    const listed = await stage.send<Body[]>(200, "GET", path);
    expect(listed).toContainEqual(first);
    expect(listed).toContainEqual(second);
    expect(await documentWith(first.key)).toBe(200);
    await stage.send(200, "PATCH", `${path}${first.id}/`, { active: false });
    expect(await documentWith(first.key)).toBe(403);
    await stage.send(200, "PUT", `${path}${first.id}/`, { name: "first", active: true });
    expect(await documentWith(first.key)).toBe(200);
    await stage.send(200, "PATCH", `${path}${first.id}/`, { expires_at: "2020-01-01T00:00:00Z" });
    expect(await documentWith(first.key)).toBe(403);
    await stage.send(200, "PATCH", `${path}${first.id}/`, { expires_at: null });
    expect(await documentWith(first.key)).toBe(200);
    expect(await documentWith(second.key)).toBe(200);
    await stage.send(204, "DELETE", `${path}${first.id}/`);
    expect(await documentWith(first.key)).toBe(403);
    expect(await documentWith(second.key)).toBe(200);
    await stage.send(404, "DELETE", `${path}${first.id}/`);
  });

  test("are never written into the audit log", async () => {
    const made = await stage.send<Body & { key: string }>(201, "POST", `${ONE}api-keys/`, { name: "secret" });
    await stage.send(204, "DELETE", `${ONE}api-keys/${made.id}/`);
    const rows = await stage.audit(20);
    expect(rows[0]).toMatchObject({ action: "DELETE", object_type: "environment_key", environment_id: environment.id });
    expect(JSON.stringify(rows)).not.toContain(made.key.slice(4));
  });

  test("take any date with a zone, or none for UTC", async () => {
    const made = await stage.send(201, "POST", `${ONE}api-keys/`, {
      name: "t",
      expires_at: "2040-05-06T07:08:09.123456+02:00",
    });
    expect(made["expires_at"]).toBe("2040-05-06T05:08:09.123000Z");
    const path = `${ONE}api-keys/${made.id}/`;
    expect(await stage.send(200, "PATCH", path, { expires_at: "2040-01-01T00:00" })).toMatchObject({
      expires_at: "2040-01-01T00:00:00.000000Z",
    });
    for (const expires_at of ["soon", "2040-13-01T00:00:00Z", 5, "2040-01-01"]) {
      const { expires_at: errors } = await stage.send<{ expires_at: string[] }>(400, "PATCH", path, { expires_at });
      expect(errors[0]).toStartWith("Datetime has wrong format.");
    }
    await stage.send(400, "POST", `${ONE}api-keys/`, { name: "x".repeat(101) });
  });

  test("belong to administrators of their environment, and to no other environment", async () => {
    const made = await stage.send(201, "POST", `${ONE}api-keys/`, { name: "own" });
    const viewer = await stage.client([
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    await stage.refuses("GET", `${ONE}api-keys/`, undefined, [viewer]);
    await stage.refuses("POST", `${ONE}api-keys/`, { name: "x" }, [viewer]);
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      await stage.refuses(method, `${ONE}api-keys/${made.id}/`, { name: "x" }, [viewer]);
    }
    const other = await stage.send(201, "POST", LIST, { name: "other", project: project.id });
    await stage.send(404, "PATCH", `${LIST}${keyOf(other)}/api-keys/${made.id}/`, { name: "x" });
    await stage.send(404, "DELETE", `${LIST}${keyOf(other)}/api-keys/${made.id}/`);
    await stage.send(204, "DELETE", `${LIST}${keyOf(other)}/`);
  });
});
