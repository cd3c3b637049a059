/** Identities, traits and overrides: told whoever changes them, and a hundred changes between two looks as one. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";
import { startReceiver, type TestReceiver } from "../../testing/test-receiver.ts";

let stage: Stage;
let receiver: TestReceiver;
let environment: Body & { api_key: string };
let theme: Body;
let hookPath: string;

const EVENTS = [
  "IDENTITY_CREATED",
  "IDENTITY_DELETED",
  "TRAITS_UPDATED",
  "IDENTITY_OVERRIDE_UPDATED",
  "IDENTITY_OVERRIDE_DELETED",
];
const settle = () => stage.app.app.deliveries.settle();
const identify = (identifier: string, traits: Record<string, unknown>) =>
  stage.identify(environment.api_key, identifier, traits);
const told = () => receiver.received.map((one) => [one.type, one.data] as const);
/** Only what is about one identity arrives in order. */
const identifierOf = (data: unknown) => (data as Data).identity.identifier;
const toldOf = (identifier: string) => told().filter(([, data]) => identifierOf(data) === identifier);
const sdk = (path: string, method: string, body: unknown) =>
  stage.app.request(path, {
    method,
    headers: { "X-Environment-Key": environment.api_key, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

beforeAll(async () => {
  receiver = startReceiver();
  stage = await createStage({ privateWebhooks: true });
  const project = await stage.send(201, "POST", "/api/v1/projects/", {
    name: "Shop",
    organisation: stage.organisationId,
  });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "Live", project: project.id });
  theme = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, {
    name: "theme",
    initial_value: "blue",
  });
  const list = `/api/v1/environments/${environment.api_key}/webhooks/`;
  const hook = await stage.send(201, "POST", list, { url: `${receiver.url}/hook`, events: EVENTS });
  hookPath = `${list}${hook.id}/`;
});
beforeEach(async () => {
  await settle();
  receiver.clear();
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

test("an identity that an application makes is told with its traits, and its traits when they change", async () => {
  await identify("ada", { plan: "pro", score: 2 });
  await settle();
  const place = { environment: { id: environment.id, name: "Live" }, timestamp: expect.stringMatching(/\.\d{6}Z$/) };
  const identity = { id: expect.any(Number), identifier: "ada" };
  expect(told()).toEqual([
    ["IDENTITY_CREATED", { ...place, identity, created_date: expect.any(String), traits: { plan: "pro", score: 2 } }],
  ]);
  receiver.clear();
  for (let score = 3; score < 50; score += 1) await identify("ada", { score });
  await identify("ada", { plan: null, since: 2026 });
  await settle();
  expect(told()).toEqual([
    [
      "TRAITS_UPDATED",
      {
        ...place,
        identity,
        changed: ["plan", "score", "since"],
        previous: { plan: "pro", score: 2 },
        traits: { score: 49, since: 2026 },
      },
    ],
  ]);
});

test("being asked for again, or getting what it has, is nothing to tell", async () => {
  await identify("ada", { score: 49 });
  await identify("ada", {});
  await settle();
  expect(told()).toEqual([]);
});

test("a change that was taken back meanwhile is nothing to tell", async () => {
  await identify("ada", { score: 1 });
  await identify("ada", { score: 49 });
  await identify("passer-by", {});
  const { results } = await stage.send<{ results: Body[] }>(
    200,
    "GET",
    `/api/v1/environments/${environment.api_key}/identities/?q=passer-by`,
  );
  await stage.send(204, "DELETE", `/api/v1/environments/${environment.api_key}/identities/${results[0]?.id}/`);
  await settle();
  expect(told()).toEqual([]);
});

test("every way of writing traits is heard: older routes, bulk, the admin side, 2.0 beside 2", async () => {
  await sdk("/api/v1/traits/", "POST", { identity: { identifier: "bob" }, trait_key: "a", trait_value: 2.5 });
  await sdk("/api/v1/traits/bulk/", "PUT", [{ identity: { identifier: "cleo" }, trait_key: "b", trait_value: 1 }]);
  await sdk("/api/v1/bulk-identities/", "POST", []);
  await settle();
  expect(told()).toHaveLength(2);
  for (const name of ["bob", "cleo"]) expect(toldOf(name)).toMatchObject([["IDENTITY_CREATED", {}]]);
  receiver.clear();
  await sdk("/api/v1/traits/increment-value/", "POST", { identifier: "cleo", trait_key: "b", increment_by: 4 });
  const list = await stage.send<{ results: Body[] }>(
    200,
    "GET",
    `/api/v1/environments/${environment.api_key}/identities/?q=bob`,
  );
  const traits = `/api/v1/environments/${environment.api_key}/identities/${list.results[0]?.id}/traits/`;
  await stage.send(201, "POST", traits, { trait_key: "x", value_type: "unicode", string_value: "y" });
  await settle();
  expect(toldOf("cleo")).toMatchObject([["TRAITS_UPDATED", { changed: ["b"], traits: { b: 5 } }]]);
  expect(toldOf("bob")).toMatchObject([["TRAITS_UPDATED", { changed: ["x"], traits: { a: 2.5, x: "y" } }]]);
});

interface Data {
  readonly identity: { readonly identifier: string };
  readonly changed?: string[];
}

test("overrides and their identity are told in the order that makes sense", async () => {
  const identities = `/api/v1/environments/${environment.api_key}/identities/`;
  const made = await stage.send(201, "POST", identities, { identifier: "dora" });
  const overrides = `${identities}${made.id}/featurestates/`;
  const body = { feature: theme.id, enabled: true, feature_state_value: "red" };
  const override = await stage.send(201, "POST", overrides, body);
  await settle();
  expect(told()).toMatchObject([
    ["IDENTITY_CREATED", { identity: { id: made.id, identifier: "dora" } }],
    [
      "IDENTITY_OVERRIDE_UPDATED",
      {
        identity: { id: made.id, identifier: "dora" },
        feature: { id: theme.id, name: "theme" },
        override: { enabled: true, value: "red", variants: [] },
        previous: null,
      },
    ],
  ]);
  receiver.clear();
  await stage.send(200, "PATCH", `${overrides}${override.id}/`, { feature_state_value: "green" });
  await settle();
  expect(told()).toMatchObject([
    ["IDENTITY_OVERRIDE_UPDATED", { override: { value: "green" }, previous: { enabled: true, value: "red" } }],
  ]);
  receiver.clear();
  await stage.send(204, "DELETE", `${identities}${made.id}/`);
  await settle();
  expect(told()).toMatchObject([
    ["IDENTITY_OVERRIDE_DELETED", { identity: { id: null, identifier: "dora" }, override: null }],
    ["IDENTITY_DELETED", { identity: { id: made.id, identifier: "dora" } }],
  ]);
});

test("an identity that is deleted and comes again is another one", async () => {
  const identities = `/api/v1/environments/${environment.api_key}/identities/`;
  await identify("phoenix", { life: 1 });
  await settle();
  receiver.clear();
  const { results } = await stage.send<{ results: Body[] }>(200, "GET", `${identities}?q=phoenix`);
  await stage.send(204, "DELETE", `${identities}${results[0]?.id}/`);
  await identify("phoenix", { life: 2 });
  await settle();
  expect(told()).toMatchObject([
    ["IDENTITY_DELETED", { identity: { id: results[0]?.id } }],
    ["IDENTITY_CREATED", { traits: { life: 2 } }],
  ]);
});

test("the strangest identifiers and traits arrive as they are", async () => {
  const identifier = `${"ü😀".repeat(150)}/?#%"\\`;
  await identify(identifier, { "odd key 😀": "line\nbreak" });
  // Two of one millisecond would be told by their identifiers.
  await settle();
  await identify("2.0", { float: 2.5 });
  await settle();
  const traits = { "odd key 😀": "line\nbreak" };
  expect(toldOf(identifier)).toMatchObject([["IDENTITY_CREATED", { identity: { identifier }, traits }]]);
  expect(toldOf("2.0")).toHaveLength(1);
  const page = await stage.send<{ results: { object: string }[] }>(200, "GET", `${hookPath}deliveries/?limit=2`);
  expect(page.results.map((one) => one.object)).toEqual([
    "identity:2.0",
    expect.stringMatching(/^identity:[0-9a-f]{64}$/),
  ]);
});

test("an environment that is deleted takes what was to be told of it along, and nothing stands in its way", async () => {
  const { id: project } = await stage.send(201, "POST", "/api/v1/projects/", {
    name: "Doomed",
    organisation: stage.organisationId,
  });
  const place = await stage.send(201, "POST", "/api/v1/environments/", { name: "Doomed", project });
  const key = String(place["api_key"]);
  const hooks = `/api/v1/organisations/${stage.organisationId}/webhooks/`;
  const hook = await stage.send(201, "POST", hooks, { url: `${receiver.url}/org`, events: EVENTS });
  for (let i = 0; i < 20; i += 1) await stage.identify(key, `doomed ${i}`, { i });
  await settle();
  expect(receiver.received).toHaveLength(20);
  receiver.clear();
  await stage.identify(key, "doomed 1", { i: "changed" });
  await stage.send(204, "DELETE", `/api/v1/environments/${key}/`);
  await settle();
  expect(told()).toEqual([]);
  expect(await stage.app.db.kysely.selectFrom("identity_marks").selectAll().execute()).toEqual([]);
  await stage.send(204, "DELETE", `${hooks}${hook.id}/`);
});

test("who wants to know of nothing of that costs nothing: the database stops noting", async () => {
  const { identityMarks } = stage.app.db;
  expect(await identityMarks.areKept()).toBe(true);
  await stage.send(200, "PATCH", hookPath, { events: null });
  await settle();
  expect(await identityMarks.areKept()).toBe(false);
  await identify("unheard", { a: 1 });
  await stage.send(200, "PATCH", hookPath, { events: EVENTS });
  expect(await identityMarks.areKept()).toBe(true);
  await identify("heard", { a: 1 });
  await settle();
  expect(told().map(([, data]) => identifierOf(data))).toEqual(["heard"]);
});
