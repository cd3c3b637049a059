/** The identity integration: every evaluation is told, and no answer ever waits for that. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { type Body, createStage, type Stage } from "../../testing/index.ts";
import { createIdentityNotifier } from "./identity-notifier.ts";

let stage: Stage;
let project: Body;
let environment: Body & { api_key: string };
let list: string;
let received: { body: string; headers: Headers }[] = [];
let answer: () => Response | Promise<Response> = () => new Response("thanks");
const receiver = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  reusePort: false,
  fetch: async (request) => {
    received.push({ body: await request.text(), headers: request.headers });
    return answer();
  },
});
const url = `http://127.0.0.1:${receiver.port}/identities`;
const settle = () => stage.app.app.identityNotifier.settle();

beforeAll(async () => {
  stage = await createStage({ privateWebhooks: true });
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "Shop", organisation: stage.organisationId });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "Live", project: project.id });
  list = `/api/v1/environments/${environment.api_key}/integrations/webhook/`;
  await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, {
    name: "theme",
    default_enabled: true,
    multivariate_options: [{ type: "unicode", string_value: "green", default_percentage_allocation: 100 }],
  });
  const plan = (value: string) => [
    { type: "ALL", rules: [{ type: "ANY", rules: [], conditions: [{ property: "plan", operator: "EQUAL", value }] }] },
  ];
  const segments = `/api/v1/projects/${project.id}/segments/`;
  for (const name of ["pro", "free"]) await stage.send(201, "POST", segments, { name, rules: plan(name) });
});
beforeEach(async () => {
  for (const row of await stage.send<Body[]>(200, "GET", list)) await stage.send(204, "DELETE", `${list}${row.id}/`);
  received = [];
  answer = () => new Response("thanks");
});
afterAll(async () => {
  await stage.close();
  await receiver.stop(true);
});

test("there is one an environment, for its administrators, and its secret is in no log", async () => {
  const low = await stage.client([{ scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] }]);
  const hook = { url, secret: "s3cret" };
  await stage.refuses("POST", list, hook, [low]);
  const row = await stage.send(201, "POST", list, hook);
  expect(row as unknown).toEqual({ id: expect.any(Number), ...hook });
  await stage.send(400, "POST", list, hook);
  expect(await stage.send<unknown>(200, "GET", list)).toEqual([row]);
  const one = `${list}${row.id}/`;
  expect(await stage.send<unknown>(200, "PATCH", one, { secret: "an0ther" })).toMatchObject({ secret: "an0ther", url });
  expect(JSON.stringify(await stage.audit(3))).not.toMatch(/s3cret|an0ther/);
  for (const bad of [{ url: "ftp://example.com" }, { url: "" }, { url: `http://a:b@example.com/` }, {}]) {
    await stage.send(400, "PUT", one, bad);
  }
  await stage.send(204, "DELETE", one);
  await stage.send(404, "GET", one);
  const strict = await createStage();
  const there = await strict.send(201, "POST", "/api/v1/projects/", { name: "P", organisation: strict.organisationId });
  const place = await strict.send(201, "POST", "/api/v1/environments/", { name: "E", project: there.id });
  await strict.send(400, "POST", `/api/v1/environments/${place["api_key"]}/integrations/webhook/`, { url });
  await strict.close();
});

test("each evaluation is told flat, signed, with flags, traits and segments", async () => {
  await stage.send(201, "POST", list, { url, secret: "s3cret" });
  await stage.identify(environment.api_key, "ada", { plan: "pro", score: 2.5 });
  await stage.app.request(`/api/v1/identities/?identifier=ada`, {
    headers: { "X-Environment-Key": environment.api_key },
  });
  await stage.app.request(`/api/v1/identities/?identifier=ada&feature=theme`, {
    headers: { "X-Environment-Key": environment.api_key },
  });
  await settle();
  expect(received).toHaveLength(2);
  const [one] = received;
  const told = JSON.parse(one?.body ?? "");
  expect(Object.keys(told)).toEqual(["flags", "identity", "segments", "traits"]);
  expect(told).toMatchObject({
    identity: "ada",
    traits: [
      { trait_key: "plan", trait_value: "pro" },
      { trait_key: "score", trait_value: 2.5 },
    ],
    flags: [{ feature: { name: "theme" }, enabled: true, feature_state_value: "green", percentage_allocation: 100 }],
  });
  expect(told.segments).toEqual([
    { id: expect.any(Number), name: "pro", member: true },
    { id: expect.any(Number), name: "free", member: false },
  ]);
  const signature = createHmac("sha256", "s3cret")
    .update(one?.body ?? "")
    .digest("hex");
  expect(one?.headers.get("x-flagsmith-signature")).toBe(signature);
  const verifier = new Webhook(Buffer.from("s3cret").toString("base64"));
  expect(verifier.verify(one?.body ?? "", Object.fromEntries(one?.headers ?? []))).toEqual(told);
});

test("no answer waits for a receiver that says nothing", async () => {
  await stage.send(201, "POST", list, { url });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  answer = () => held.then(() => new Response("late"));
  const began = performance.now();
  for (let i = 0; i < 50; i += 1) await stage.identify(environment.api_key, `identity ${i}`);
  expect(performance.now() - began).toBeLessThan(2000);
  await Bun.sleep(50);
  // As many as may be under way at once.
  expect(received).toHaveLength(8);
  release();
  await settle();
  expect(received).toHaveLength(50);
});

test("a failure is tried twice more; what cannot be kept is dropped and counted", async () => {
  const { db } = stage.app;
  await stage.send(201, "POST", list, { url });
  const errors: unknown[] = [];
  const deps = {
    db,
    now: Date.now,
    allowPrivate: true,
    onError: (error: unknown) => void errors.push(error),
    refreshMs: 0,
  };
  const notifier = createIdentityNotifier({ ...deps, pauses: [1, 1] });
  await notifier.refresh();
  expect(notifier.wants(environment.id)).toBe(true);
  expect(notifier.wants(environment.id + 1)).toBe(false);
  answer = () => new Response("no", { status: 500 });
  notifier.evaluated(environment.id, () => ({ identity: "unlucky" }));
  await notifier.settle();
  expect(received).toHaveLength(3);
  expect(notifier.totals()).toEqual({ sent: 0, failed: 1, dropped: 0 });
  for (let i = 0; i < 10_005; i += 1) notifier.evaluated(environment.id + 1, () => ({}));
  expect(notifier.totals().dropped).toBe(5);
  await notifier.settle();
  notifier.evaluated(environment.id, () => {
    throw new Error("no body");
  });
  await notifier.settle();
  expect(errors).toHaveLength(1);
  notifier.close();
  const metrics = await (await stage.app.request("/metrics")).text();
  expect(metrics).toMatch(/burgee_identity_webhook_total\{result="sent"\} \d+/);
  expect(metrics).toContain("burgee_webhook_queue_length 0");
});
