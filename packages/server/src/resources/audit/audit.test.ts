/** The log by place, feature, identity and person; with the address and the request behind each entry. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type Body,
  callWith,
  createPerson,
  createStage,
  type PageBody,
  type Stage,
  type TestPerson,
} from "../../testing/index.ts";

let stage: Stage;
let person: TestPerson;
let project: Body;
let other: Body;
let environment: Body & { readonly api_key: string };
let second: Body & { readonly api_key: string };
let feature: Body;

beforeAll(async () => {
  stage = await createStage({ accounts: { trustedProxies: 1 } });
  person = await createPerson(stage.app, { organisationId: stage.organisationId, role: "ADMIN" });
  const create = <T = Body>(path: string, body: object) => stage.send<T>(201, "POST", path, body);
  const organisation = stage.organisationId;
  project = await create("/api/v1/projects/", { name: "one", organisation });
  other = await create("/api/v1/projects/", { name: "two", organisation });
  environment = await create("/api/v1/environments/", { name: "live", project: project.id });
  second = await create("/api/v1/environments/", { name: "staging", project: project.id });
  feature = await create(`/api/v1/projects/${project.id}/features/`, { name: "flag" });
  await create(`/api/v1/projects/${project.id}/features/`, { name: "another" });
  await create(`/api/v1/projects/${other.id}/features/`, { name: "elsewhere" });
  for (const { api_key } of [environment, second]) {
    const path = `/api/__future__/environments/${api_key}/features/${feature.id}/`;
    await stage.send(200, "PATCH", path, { environment_default: { enabled: true } });
  }
  const identity = await create(`/api/v1/environments/${environment.api_key}/identities/`, { identifier: "ana" });
  await create(`/api/v1/environments/${environment.api_key}/identities/${identity.id}/featurestates/`, {
    feature: feature.id,
    enabled: false,
  });
  await create(`/api/v1/environments/${second.api_key}/identities/`, { identifier: "ana" });
  const headers = { "X-Forwarded-For": "203.0.113.9", "X-Request-Id": "request-of-the-tag" };
  const answer = await stage.app.request(`/api/v1/projects/${project.id}/tags/`, {
    method: "POST",
    headers: { ...headers, Authorization: `Token ${person.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ label: "by a person" }),
  });
  expect(answer.status).toBe(201);
});
afterAll(() => stage.close());

interface Entry {
  readonly log: string;
  readonly actor: string;
  readonly address: string | null;
  readonly request_id: string | null;
  readonly author: { readonly email: string } | null;
  readonly project: { readonly id: number } | null;
  readonly environment: { readonly id: number } | null;
  readonly related_object_type: string;
}

const ORGANISATION = () => `/api/v1/organisations/${stage.organisationId}/audit/`;
const PROJECT = () => `/api/v1/projects/${project.id}/audit/`;
const list = async (path: string): Promise<Entry[]> =>
  (await stage.send<{ results: Entry[] }>(200, "GET", `${path}${path.includes("?") ? "&" : "?"}page_size=200`)).results;
const nouns = (entries: readonly Entry[]) => [...new Set(entries.map((entry) => entry.related_object_type))].sort();

test("an entry says from which address it was asked for, in which request, and by whom", async () => {
  const [entry] = await list(`${PROJECT()}?search=by%20a%20person`);
  expect(entry).toMatchObject({
    address: "203.0.113.9",
    request_id: "request-of-the-tag",
    actor: `user:${person.id}`,
    author: { email: person.email },
  });
  const [byKey] = await list(`${PROJECT()}?feature=${feature.id}`);
  expect(byKey).toMatchObject({ author: null, actor: `key:${stage.admin.keyId}`, request_id: expect.any(String) });
});

describe("the log is narrowed", () => {
  test("to a project: by its own path, and among all", async () => {
    const own = await list(PROJECT());
    expect(new Set(own.map((entry) => entry.project?.id))).toEqual(new Set([project.id]));
    const among = await list(`/api/v1/audit/?project=${other.id}`);
    expect(among.length).toBeGreaterThan(0);
    expect(new Set(among.map((entry) => entry.project?.id))).toEqual(new Set([other.id]));
    const whole = await list(ORGANISATION());
    expect(new Set(whole.map((entry) => entry.project?.id))).toContain(other.id);
    const narrowed = await list(`${ORGANISATION()}?project=${other.id}`);
    expect(new Set(narrowed.map((entry) => entry.project?.id))).toEqual(new Set([other.id]));
  });

  test("to environments", async () => {
    const one = await list(`${PROJECT()}?environments=${second.id}`);
    expect(new Set(one.map((entry) => entry.environment?.id))).toEqual(new Set([second.id]));
    const both = await list(`${PROJECT()}?environments=${second.id},${environment.id}`);
    expect(new Set(both.map((entry) => entry.environment?.id))).toEqual(new Set([environment.id, second.id]));
    expect(await list(`${PROJECT()}?environments=999999`)).toEqual([]);
  });

  test("to a feature: itself, its states and its overrides", async () => {
    const about = await list(`${PROJECT()}?feature=${feature.id}`);
    expect(nouns(about)).toEqual(["FEATURE", "FEATURE_STATE", "IDENTITY_OVERRIDE"]);
    expect(about.every((entry) => !entry.log.includes("another"))).toBe(true);
    const live = await list(`${PROJECT()}?feature=${feature.id}&environments=${second.id}`);
    expect(nouns(live)).toEqual(["FEATURE_STATE"]);
  });

  test("to an identity of one environment, and nobody of the same name elsewhere", async () => {
    const ana = await list(`${PROJECT()}?environments=${environment.id}&identity=ana`);
    expect(nouns(ana)).toEqual(["IDENTITY", "IDENTITY_OVERRIDE"]);
    const namesake = await list(`${PROJECT()}?environments=${second.id}&identity=ana`);
    expect(nouns(namesake)).toEqual(["IDENTITY"]);
    await stage.send(400, "GET", `${PROJECT()}?identity=ana`);
  });

  test("to a person or a key", async () => {
    const hers = await list(`${PROJECT()}?author=${encodeURIComponent(person.email)}`);
    expect(nouns(hers)).toEqual(["TAG"]);
    const keys = await list(`${PROJECT()}?author=key:${stage.admin.keyId}`);
    expect(nouns(keys)).not.toContain("TAG");
    expect(keys.every((entry) => entry.actor === `key:${stage.admin.keyId}`)).toBe(true);
    expect(await list(`${PROJECT()}?author=nobody@example.com`)).toEqual([]);
    expect((await list(`${ORGANISATION()}?author=user:${person.id}`)).length).toBe(hers.length);
  });

  test("to what programs or people did", async () => {
    expect(await list(`${PROJECT()}?is_system_event=true`)).toEqual([]);
    expect((await list(`${PROJECT()}?is_system_event=false`)).length).toBe((await list(PROJECT())).length);
  });
});

test("whoever sees one environment's log is told nothing of an identity in an environment out of sight", async () => {
  const reader = await stage.client([{ scope: "project", id: project.id, permissions: ["VIEW_AUDIT_LOG"] }]);
  const answer = await reader.call("GET", `${PROJECT()}?environments=${environment.id}&identity=ana`);
  expect(answer.status).toBe(404);
  expect((await callWith(stage.app.request, undefined, "GET", PROJECT())).status).toBe(401);
  expect(((await stage.stranger.call("GET", "/api/v1/audit/")).body as PageBody).count).toBe(0);
});
