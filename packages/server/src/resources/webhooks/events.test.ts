/** What webhooks are told, to the letter, and who is told. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { type Body, createStage, type Stage } from "../../testing/index.ts";
import { startReceiver, type TestReceiver } from "../../testing/test-receiver.ts";

let stage: Stage;
let receiver: TestReceiver;
let project: Body;
let environment: Body & { api_key: string };
let other: Body & { api_key: string };
let theme: Body;

const SECRET = "s3cret";
const hooksOf = (key: string) => `/api/v1/environments/${key}/webhooks/`;
const settle = () => stage.app.app.deliveries.settle();
const stateOf = async (key: string, feature: number): Promise<Body> => {
  const page = await stage.send<{ results: Body[] }>(
    200,
    "GET",
    `/api/v1/environments/${key}/featurestates/?feature=${feature}`,
  );
  return page.results[0] as Body;
};
const hook = (path: string, more: object = {}) => ({ url: `${receiver.url}/${path}`, secret: SECRET, ...more });
const clearHooks = async () => {
  await stage.app.db.kysely.deleteFrom("webhooks").execute();
  receiver.clear();
};

beforeAll(async () => {
  receiver = startReceiver();
  stage = await createStage({ privateWebhooks: true });
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "Shop", organisation: stage.organisationId });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "Live", project: project.id });
  other = await stage.send(201, "POST", "/api/v1/environments/", { name: "Test", project: project.id });
  theme = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, {
    name: "theme",
    description: "Colours, é",
    initial_value: "blue",
    default_enabled: true,
  });
});
beforeEach(clearHooks);
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

describe("flags", () => {
  const feature = () => ({
    id: theme.id,
    created_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    default_enabled: true,
    description: "Colours, é",
    initial_value: "blue",
    name: "theme",
    project: { id: project.id, name: "Shop" },
    type: "STANDARD",
  });

  test("a changed state is told with what it was, signed, to its environment and its organisation", async () => {
    await stage.send(201, "POST", hooksOf(environment.api_key), hook("env"));
    await stage.send(201, "POST", hooksOf(other.api_key), hook("elsewhere"));
    await stage.send(201, "POST", `/api/v1/organisations/${stage.organisationId}/webhooks/`, hook("org"));
    receiver.clear();
    await settle();
    receiver.clear();
    const state = await stateOf(environment.api_key, theme.id);
    const path = `/api/v1/environments/${environment.api_key}/featurestates/${state.id}/`;
    await stage.send(200, "PATCH", path, { enabled: false, feature_state_value: "green" });
    await settle();
    const told = receiver.of("FLAG_UPDATED");
    expect(told.map((one) => one.path).sort()).toEqual(["/env", "/org"]);
    const [one] = told;
    const common = {
      environment: { id: environment.id, name: "Live" },
      feature: feature(),
      feature_segment: null,
      identity: null,
      identity_identifier: null,
      multivariate_feature_state_values: [],
    };
    expect(one?.data).toEqual({
      changed_by: expect.any(String),
      timestamp: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/),
      new_state: { ...common, enabled: false, feature_state_value: "green" },
      previous_state: { ...common, enabled: true, feature_state_value: "blue" },
    });
    // Python's spelling, which is what is signed.
    expect(one?.body).toStartWith('{"data": {"changed_by": ');
    expect(one?.body).toContain("Colours, \\u00e9");
    expect(one?.headers.get("x-flagsmith-signature")).toBe(
      createHmac("sha256", SECRET)
        .update(one?.body ?? "")
        .digest("hex"),
    );
    const verifier = new Webhook(Buffer.from(SECRET).toString("base64"));
    const headers = Object.fromEntries(one?.headers ?? []);
    expect(verifier.verify(one?.body ?? "", headers)).toMatchObject({ event_type: "FLAG_UPDATED" });
    expect(one?.headers.get("content-type")).toBe("application/json");
    // One message, whoever is told of it.
    expect(new Set(told.map((each) => each.headers.get("webhook-id"))).size).toBe(1);
  });

  test("a new feature is told in every environment, and its end with what it was", async () => {
    await stage.send(201, "POST", `/api/v1/organisations/${stage.organisationId}/webhooks/`, hook("org"));
    const made = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, {
      name: "short lived",
      initial_value: "a",
      multivariate_options: [{ type: "unicode", string_value: "b", default_percentage_allocation: 40 }],
    });
    await settle();
    const created = receiver.of("FLAG_UPDATED");
    expect(created.map((one) => (one.data as never as State).new_state.environment.name).sort()).toEqual([
      "Live",
      "Test",
    ]);
    expect(created[0]?.data).not.toHaveProperty("previous_state");
    const share = {
      id: expect.any(Number),
      multivariate_feature_option: { id: expect.any(Number), value: "b" },
      percentage_allocation: 40,
    };
    expect(created[0]?.data).toMatchObject({ new_state: { multivariate_feature_state_values: [share] } });
    expect(created[0]?.body).toContain('"percentage_allocation": 40.0}');
    receiver.clear();
    await stage.send(204, "DELETE", `/api/v1/projects/${project.id}/features/${made.id}/`);
    await settle();
    const gone = receiver.of("FLAG_DELETED");
    expect(gone).toHaveLength(2);
    expect(gone[0]?.data).toMatchObject({
      new_state: null,
      previous_state: {
        feature: {
          id: made.id,
          name: "short lived",
          created_date: expect.stringMatching(/^20/),
          project: { name: "Shop" },
        },
        feature_state_value: "a",
        multivariate_feature_state_values: [{ multivariate_feature_option: { value: "b" }, percentage_allocation: 40 }],
      },
    });
  });

  test("segment overrides name their segment, identity overrides their identity", async () => {
    await stage.send(201, "POST", hooksOf(environment.api_key), hook("env"));
    const segment = await stage.send(201, "POST", `/api/v1/projects/${project.id}/segments/`, {
      name: "Beta",
      description: "First",
      rules: [{ type: "ALL", rules: [], conditions: [] }],
    });
    await stage.send(
      201,
      "POST",
      `/api/v1/environments/${environment.api_key}/features/${theme.id}/create-segment-override/`,
      {
        feature_segment: { segment: segment.id },
        enabled: true,
        feature_state_value: { type: "unicode", string_value: "x" },
      },
    );
    const identity = await stage.send(201, "POST", `/api/v1/environments/${environment.api_key}/identities/`, {
      identifier: "ada",
    });
    const overrides = `/api/v1/environments/${environment.api_key}/identities/${identity.id}/featurestates/`;
    const made = await stage.send(201, "POST", overrides, {
      feature: theme.id,
      enabled: true,
      feature_state_value: "red",
    });
    await stage.send(200, "PATCH", `${overrides}${made.id}/`, { enabled: false });
    await stage.send(204, "DELETE", `${overrides}${made.id}/`);
    await settle();
    const told = receiver.received.map((one) => [one.type, one.data] as const);
    expect(told).toMatchObject([
      [
        "FLAG_UPDATED",
        {
          new_state: {
            feature_segment: { segment: { id: segment.id, name: "Beta", description: "First" }, priority: 0 },
            feature_state_value: "x",
          },
        },
      ],
      [
        "FLAG_UPDATED",
        { new_state: { identity: identity.id, identity_identifier: "ada", feature_state_value: "red" } },
      ],
      [
        "FLAG_UPDATED",
        {
          new_state: { enabled: false, identity_identifier: "ada" },
          previous_state: { enabled: true, identity: identity.id },
        },
      ],
      ["FLAG_DELETED", { new_state: null, previous_state: { enabled: false, identity_identifier: "ada" } }],
    ]);
  });

  test("a version is told as a whole to who asks for it", async () => {
    const events = ["NEW_VERSION_PUBLISHED"];
    await stage.send(201, "POST", hooksOf(environment.api_key), hook("env", { events }));
    const state = await stateOf(environment.api_key, theme.id);
    const path = `/api/v1/environments/${environment.api_key}/featurestates/${state.id}/`;
    await stage.send(200, "PATCH", path, { feature_state_value: "version two" });
    await settle();
    expect(receiver.received.map((one) => one.type)).toEqual(events);
    expect(receiver.received[0]?.data).toMatchObject({
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      feature: { id: theme.id, name: "theme" },
      published_by: null,
      feature_states: expect.arrayContaining([
        { enabled: expect.any(Boolean), value: "version two", multivariate_feature_state_values: [] },
      ]),
    });
  });
});

interface State {
  readonly new_state: { readonly environment: { readonly name: string } };
}

describe("the audit log", () => {
  test("is told to the organisation only, without secrets", async () => {
    await stage.send(201, "POST", `/api/v1/organisations/${stage.organisationId}/webhooks/`, hook("org"));
    await stage.send(201, "POST", hooksOf(environment.api_key), hook("env", { events: ["AUDIT_LOG_CREATED"] }));
    await stage.send(200, "PATCH", `/api/v1/environments/${environment.api_key}/`, { description: "changed" });
    await settle();
    expect(new Set(receiver.received.map((one) => one.path))).toEqual(new Set(["/org"]));
    const told = receiver.of("AUDIT_LOG_CREATED").find((one) => one.data["related_object_type"] === "ENVIRONMENT");
    expect(told?.data).toEqual({
      created_date: expect.stringMatching(/\.\d{6}Z$/),
      log: "Environment updated: Live",
      author: null,
      environment: expect.objectContaining({ id: environment.id, name: "Live", project: project.id }),
      project: expect.objectContaining({ id: project.id, name: "Shop", organisation: stage.organisationId }),
      related_object_id: environment.id,
      related_object_uuid: null,
      related_object_type: "ENVIRONMENT",
    });
    expect(receiver.received.map((one) => one.body).join()).not.toContain(SECRET);
  });
});

describe("segments", () => {
  test("are told to who asks for them, with what they were", async () => {
    const events = ["SEGMENT_CREATED", "SEGMENT_UPDATED", "SEGMENT_DELETED"];
    await stage.send(201, "POST", hooksOf(environment.api_key), hook("env", { events }));
    const rules = [{ type: "ALL", rules: [], conditions: [{ property: "plan", operator: "EQUAL", value: "pro" }] }];
    const list = `/api/v1/projects/${project.id}/segments/`;
    const made = await stage.send(201, "POST", list, { name: "Pro", rules });
    await stage.send(200, "PATCH", `${list}${made.id}/`, { name: "Professionals" });
    await stage.send(204, "DELETE", `${list}${made.id}/`);
    await settle();
    expect(receiver.received.map((one) => [one.type, one.data])).toMatchObject([
      [events[0], { project: { id: project.id, name: "Shop" }, segment: { id: made.id, name: "Pro" }, previous: null }],
      [events[1], { segment: { name: "Professionals" }, previous: { name: "Pro" } }],
      [events[2], { segment: null, previous: { name: "Professionals" } }],
    ]);
  });
});

describe("filters", () => {
  test("say what is sent, and nothing else is", async () => {
    await stage.send(201, "POST", hooksOf(environment.api_key), hook("env", { events: ["FLAG_DELETED"] }));
    const state = await stateOf(environment.api_key, theme.id);
    const path = `/api/v1/environments/${environment.api_key}/featurestates/${state.id}/`;
    await stage.send(200, "PATCH", path, { feature_state_value: "unheard" });
    await settle();
    expect(receiver.received).toEqual([]);
  });

  test("name only what there is, and may be taken back", async () => {
    const list = hooksOf(environment.api_key);
    for (const events of [["FLAG_SOLD"], [], "FLAG_UPDATED", [{}]]) {
      await stage.send(400, "POST", list, hook("env", { events }));
    }
    const made = await stage.send(201, "POST", list, hook("env", { events: ["FLAG_UPDATED", "FLAG_UPDATED"] }));
    expect(made as unknown).toMatchObject({ events: ["FLAG_UPDATED"], status: "active", waiting: 0 });
    expect(await stage.send<unknown>(200, "PATCH", `${list}${made.id}/`, { events: null })).toMatchObject({
      events: null,
    });
  });
});
