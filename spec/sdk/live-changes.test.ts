/**
 * The way of a change: made over the admin API with an organisation's key, seen by running stock SDKs through their next call,
 * their poll and their event stream. Everything here is made over HTTP, from the command that makes the first administrator on.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Flagsmith } from "flagsmith-nodejs";
import { runBurgee, startTestServer, type TestServer } from "../../packages/server/src/testing/index.ts";
import { openStream } from "../event-stream.ts";
import { eventually } from "./sample.ts";

interface Setup {
  readonly organisation_id: number;
  readonly api_key: string;
}

let server: TestServer;
let setup: Setup;
let environmentKey: string;
let environmentId: number;
let serverKey: string;
let featureId: number;
let projectId: number;

async function admin<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { Authorization: `Api-Key ${setup.api_key}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

const setDefault = (enabled: boolean, value: string) =>
  admin("PATCH", `/api/__future__/environments/${environmentKey}/features/${featureId}/`, {
    environment_default: { enabled, value: { type: "string", value } },
  });

beforeAll(async () => {
  server = await startTestServer();
  const made = await runBurgee(
    server.folder,
    ["setup", "--email", "ana@example.com", "--organisation", "Acme", "--password-stdin"],
    {},
    "correct horse battery staple\n",
  );
  expect(made.code).toBe(0);
  setup = JSON.parse(made.stdout) as Setup;
  const project = await admin<{ id: number }>("POST", "/api/v1/projects/", {
    name: "Shop",
    organisation: setup.organisation_id,
    enable_realtime_updates: true,
  });
  projectId = project.id;
  const environment = await admin<{ id: number; api_key: string }>("POST", "/api/v1/environments/", {
    name: "Production",
    project: projectId,
  });
  environmentKey = environment.api_key;
  environmentId = environment.id;
  const key = await admin<{ key: string }>("POST", `/api/v1/environments/${environmentKey}/api-keys/`, {
    name: "backend",
  });
  serverKey = key.key;
  const feature = await admin<{ id: number }>("POST", `/api/v1/projects/${projectId}/features/`, {
    name: "checkout",
    initial_value: "old",
    default_enabled: false,
  });
  featureId = feature.id;
});

afterAll(async () => {
  await server.stop();
});

test("the next call of a remote SDK", async () => {
  const client = new Flagsmith({ environmentKey, apiUrl: `${server.url}/api/v1/` });
  const flag = async () => (await client.getEnvironmentFlags()).getFlag("checkout");
  expect(await flag()).toMatchObject({ enabled: false, value: "old" });
  await setDefault(true, "new");
  expect(await flag()).toMatchObject({ enabled: true, value: "new" });
});

test("a segment and its override, for the identities in it only", async () => {
  const segment = await admin<{ id: number }>("POST", `/api/v1/projects/${projectId}/segments/`, {
    name: "pros",
    project: projectId,
    rules: [
      {
        type: "ALL",
        conditions: [],
        rules: [{ type: "ANY", rules: [], conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] }],
      },
    ],
  });
  await admin("PATCH", `/api/__future__/environments/${environmentKey}/features/${featureId}/`, {
    segment_overrides: [
      { segment: { id: segment.id }, enabled: true, priority: 0, value: { type: "string", value: "for pros" } },
    ],
  });
  const client = new Flagsmith({ environmentKey, apiUrl: `${server.url}/api/v1/` });
  const value = async (identifier: string, plan: string) =>
    (await client.getIdentityFlags(identifier, { plan })).getFeatureValue("checkout");
  expect(await value("pro-user", "pro")).toBe("for pros");
  expect(await value("free-user", "free")).toBe("new");
});

test("the poll of an SDK that evaluates by itself, identity overrides included", async () => {
  const client = new Flagsmith({
    environmentKey: serverKey,
    apiUrl: `${server.url}/api/v1/`,
    enableLocalEvaluation: true,
    environmentRefreshIntervalSeconds: 1,
  });
  try {
    const value = async () => (await client.getIdentityFlags("somebody")).getFeatureValue("checkout");
    expect(await value()).toBe("new");
    await setDefault(true, "newer");
    expect(await eventually(async () => (await value()) === "newer")).toBe(true);
    const base = `/api/v1/environments/${environmentKey}/identities/`;
    const identity = await admin<{ id: number }>("POST", base, { identifier: "somebody" });
    await admin("POST", `${base}${identity.id}/featurestates/`, {
      feature: featureId,
      enabled: true,
      feature_state_value: "mine",
    });
    expect(await eventually(async () => (await value()) === "mine")).toBe(true);
  } finally {
    await client.close();
  }
});

test("the event stream, whose time is the one that the next answer names", async () => {
  const stream = await openStream(`${server.url}/sse/environments/${environmentKey}/stream`);
  try {
    await stream.until((text) => text.includes("environment_updated"));
    const before = stream.text().length;
    await setDefault(false, "off");
    const text = await stream.until((all) => all.slice(before).includes("environment_updated"));
    const told = /"updated_at": ([\d.]+)/.exec(text.slice(before))?.[1];
    const flags = await fetch(`${server.url}/api/v1/flags/`, { headers: { "X-Environment-Key": environmentKey } });
    expect(flags.headers.get("X-Flagsmith-Document-Updated-At")).toBe(told ?? "");
    const [flag] = (await flags.json()) as { enabled: boolean; environment: number }[];
    expect(flag).toMatchObject({ enabled: false, environment: environmentId });
  } finally {
    stream.close();
  }
});

test("a server-side key that was revoked opens nothing any more", async () => {
  const path = `/api/v1/environments/${environmentKey}/api-keys/`;
  const second = await admin<{ id: number; key: string }>("POST", path, { name: "short-lived" });
  const ask = async () =>
    (await fetch(`${server.url}/api/v1/environment-document/`, { headers: { "X-Environment-Key": second.key } }))
      .status;
  expect(await ask()).toBe(200);
  await admin("DELETE", `${path}${second.id}/`);
  expect(await ask()).toBe(403);
});
