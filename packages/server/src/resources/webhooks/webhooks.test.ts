import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let environment: { id: number; api_key: string };
let received: { body: string; signature: string | null }[] = [];
let answer = () => new Response("thanks");
const receiver = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  reusePort: false,
  fetch: async (request) => {
    received.push({ body: await request.text(), signature: request.headers.get("x-flagsmith-signature") });
    return answer();
  },
});

beforeAll(async () => {
  stage = await createStage();
  const project = await stage.send(201, "POST", "/api/v1/projects/", { name: "P", organisation: stage.organisationId });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "E", project: project.id });
});
afterAll(async () => {
  await stage.close();
  await receiver.stop(true);
});

const PLACES = [
  { name: "an environment", list: () => `/api/v1/environments/${environment.api_key}/webhooks/`, isPaged: false },
  { name: "an organisation", list: () => `/api/v1/organisations/${stage.organisationId}/webhooks/`, isPaged: true },
];

for (const { name, list, isPaged } of PLACES) {
  describe(`webhooks of ${name}`, () => {
    test("are made, changed and deleted by its administrators", async () => {
      const low = await stage.client([{ scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] }]);
      const hook = { url: "https://hooks.example.com/a?b=c", secret: " s3cret " };
      await stage.refuses("POST", list(), hook, [low]);
      await stage.refuses("GET", list(), undefined, [low]);
      const row = await stage.send(201, "POST", list(), hook);
      expect(row as unknown).toMatchObject({ ...hook, enabled: true, created_at: expect.stringMatching(/Z$/) });
      const [entry] = await stage.audit();
      expect(entry).toMatchObject({
        action: "CREATE",
        object_type: "webhook",
        environment_id: isPaged ? null : environment.id,
      });
      expect(JSON.stringify(entry)).not.toContain("s3cret");
      const listed = await stage.send<unknown>(200, "GET", list());
      expect(isPaged ? (listed as { results: unknown }).results : listed).toEqual([row]);
      const one = `${list()}${row.id}/`;
      for (const method of ["GET", "PUT", "PATCH", "DELETE"]) await stage.refuses(method, one, hook, [low]);
      expect(await stage.send<unknown>(200, "GET", one)).toEqual(row);
      expect(await stage.send<unknown>(200, "PATCH", one, { enabled: false })).toMatchObject({
        ...hook,
        enabled: false,
      });
      await stage.send(200, "PUT", one, { url: "https://hooks.example.com/b", secret: "an0ther" });
      const [changed] = await stage.audit();
      expect(JSON.parse(changed?.after ?? "")).toMatchObject({
        url: "https://hooks.example.com/b",
        secret_changed: true,
      });
      expect(JSON.stringify(changed)).not.toContain("an0ther");
      await stage.send(204, "DELETE", one);
      expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "webhook" });
      await stage.send(404, "GET", one);
    });

    test.each([
      ["no url at all", "Enter a valid URL."],
      ["ftp://example.com/", "Enter a valid URL."],
      ["javascript:alert(1)", "Enter a valid URL."],
      ["https://exam\nple.com/", "Enter a valid URL."],
      ["https://user:password@example.com/", "Enter a valid URL."],
      ["http://localhost:8000/", "The address leads to this machine or its own network."],
      ["http://169.254.169.254/latest/", "The address leads to this machine or its own network."],
      ["http://0x7f000001/", "The address leads to this machine or its own network."],
      [`https://example.com/${"x".repeat(200)}`, "Ensure this field has no more than 200 characters."],
    ])("do not go to %s", async (url, message) => {
      expect(await stage.send<unknown>(400, "POST", list(), { url })).toEqual({ url: [message] });
    });
  });
}

test("a webhook of one place is not found at another", async () => {
  const [ofEnvironment, ofOrganisation] = PLACES.map(({ list }) => list());
  const row = await stage.send(201, "POST", ofEnvironment ?? "", { url: "https://hooks.example.com/" });
  await stage.send(404, "GET", `${ofOrganisation}${row.id}/`);
  await stage.send(404, "DELETE", `${ofOrganisation}${row.id}/`);
});

test("a place has a hundred webhooks at most", async () => {
  const { list } = PLACES[1] ?? { list: () => "" };
  const held = (await stage.send<{ count: number }>(200, "GET", list())).count;
  const row = {
    organisation_id: stage.organisationId,
    environment_id: null,
    name: null,
    secret: "",
    enabled: 1,
    created_at: 1,
    updated_at: 1,
  };
  const rows = Array.from({ length: 100 - held }, () => ({ ...row, url: "https://hooks.example.com/" }));
  await stage.app.db.kysely.insertInto("webhooks").values(rows).execute();
  await stage.send(400, "POST", list(), { url: "https://hooks.example.com/" });
});

describe("webhooks/test/", () => {
  const body = (more: object = {}) => ({
    webhook_url: `http://127.0.0.1:${receiver.port}/hook`,
    secret: "s3cret",
    scope: { type: "organisation", id: stage.organisationId },
    ...more,
  });
  const call = (client: Stage["admin"], sent: unknown) => client.call("POST", "/api/v1/webhooks/test/", sent);

  test("does not call this machine or its network", async () => {
    received = [];
    expect(await call(stage.admin, body())).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("own network") },
    });
    // A name that leads here, which only a look at its address tells.
    const named = await call(
      stage.admin,
      body({ webhook_url: `http://localtest.me.invalid.example:${receiver.port}/` }),
    );
    expect(named).toMatchObject({ status: 400, body: { status: 0 } });
    expect(received).toEqual([]);
  });

  test("is for administrators of the place", async () => {
    await stage.refuses("POST", "/api/v1/webhooks/test/", body(), [await stage.client([])]);
    const viewer = await stage.client([
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    expect((await call(viewer, body({ scope: { type: "environment", id: environment.api_key } }))).status).toBe(403);
    for (const scope of [{}, { type: "galaxy", id: 1 }, { type: "organisation" }]) {
      expect((await call(stage.admin, body({ scope }))).status).toBe(400);
    }
  });

  test("sends one signed event where private addresses are allowed, and says what came back", async () => {
    const own = await createStage({ privateWebhooks: true });
    try {
      received = [];
      const scope = { type: "organisation", id: own.organisationId };
      const send = () => call(own.admin, body({ scope }));
      expect(await send()).toMatchObject({ status: 200, body: { status: 200 } });
      const [event] = received;
      const expected = createHmac("sha256", "s3cret")
        .update(event?.body ?? "")
        .digest("hex");
      expect(event?.signature).toBe(expected);
      answer = () => new Response("x".repeat(5000), { status: 503 });
      expect(await send()).toMatchObject({ status: 400, body: { status: 503, body: "x".repeat(1000) } });
      answer = () =>
        new Response(null, { status: 302, headers: { Location: `http://127.0.0.1:${receiver.port}/elsewhere` } });
      expect(await send()).toMatchObject({ status: 400, body: { status: 302 } });
      expect(received).toHaveLength(3);
      answer = () => new Response("thanks");
      for (let i = 0; i < 7; i += 1) expect((await send()).status).toBe(200);
      expect((await send()).status).toBe(429);
    } finally {
      await own.close();
    }
  });
});
