/** Undoing from the audit log: what was before is back, for SDKs too, or the answer says why not. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: number;
let environment: Body & { readonly api_key: string };
let key: string;

interface Entry {
  readonly id: number;
  readonly log: string;
  readonly is_undoable: boolean;
}

beforeAll(async () => {
  stage = await createStage();
  const made = await stage.send(201, "POST", "/api/v1/projects/", { name: "Undo", organisation: stage.organisationId });
  project = made.id;
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "Live", project });
  key = environment.api_key;
});
afterAll(() => stage.close());

const audit = () => `/api/v1/projects/${project}/audit/`;
const newest = async (): Promise<Entry> => {
  const page = await stage.send<{ results: Entry[] }>(200, "GET", `${audit()}?page_size=1`);
  return stage.send<Entry>(200, "GET", `${audit()}${page.results[0]?.id}/`);
};
const undo = (id: number, status = 200) => stage.send<Entry>(status, "POST", `${audit()}${id}/undo/`);

let named = 0;
const createFeature = (more: object = {}): Promise<Body & { readonly name: string }> =>
  stage.send(201, "POST", `/api/v1/projects/${project}/features/`, { name: `feature-${++named}`, ...more });
const createSegment = (value = "pro"): Promise<Body> =>
  stage.send(201, "POST", `/api/v1/projects/${project}/segments/`, {
    name: `segment-${++named}`,
    rules: [{ type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property: "plan", value }] }],
  });

const flagPath = (feature: Body) => `/api/__future__/environments/${key}/features/${feature.id}/`;
const changeFlag = (feature: Body, body: object) => stage.send(200, "PATCH", flagPath(feature), body);
const override = (segment: Body, more: object = {}) => ({
  segment_overrides: [
    { segment: { id: segment.id }, enabled: true, value: { type: "string", value: "theirs" }, ...more },
  ],
});

describe("a default", () => {
  test("goes back to what it was, SDKs see it, and the log says who undid what", async () => {
    const feature = await createFeature({ initial_value: "old", default_enabled: false });
    await changeFlag(feature, { environment_default: { enabled: true, value: { type: "integer", value: "5" } } });
    const entry = await newest();
    expect(entry.is_undoable).toBe(true);
    const revision = await stage.revision(environment.id);
    const done = await undo(entry.id);
    expect(done.log).toBe(`Undid: ${entry.log}`);
    expect((await stage.flags(key))[feature.name]).toEqual({ enabled: false, feature_state_value: "old" });
    expect(await stage.revision(environment.id)).toBe(revision + 1);
    expect((await stage.audit())[0]).toMatchObject({ actor: `key:${stage.admin.keyId}`, object_type: "feature_state" });
  });

  test("is not touched where it was changed again since, or undone already", async () => {
    const feature = await createFeature({ initial_value: "old" });
    await changeFlag(feature, { environment_default: { value: { type: "string", value: "new" } } });
    const entry = await newest();
    await changeFlag(feature, { environment_default: { value: { type: "string", value: "newer" } } });
    const later = await newest();
    expect(await undo(entry.id, 409)).toEqual({
      detail: "It has been changed again since. Undo the later change first, or change it by hand.",
    } as never);
    await undo(later.id);
    await undo(entry.id);
    expect((await stage.flags(key))[feature.name]?.feature_state_value).toBe("old");
    await undo(entry.id, 409);
    expect((await stage.flags(key))[feature.name]?.feature_state_value).toBe("old");
  });

  test("gets its variants' shares back, unless a variant is gone", async () => {
    const options = ["red", "blue"].map((string_value) => ({
      type: "unicode",
      string_value,
      default_percentage_allocation: 10,
    }));
    const feature = await createFeature({ multivariate_options: options });
    const [red, blue] = feature["multivariate_options"] as Body[];
    const before = await stage.send(200, "GET", flagPath(feature));
    const weights = (first: number) => ({
      environment_default: {
        variants: [
          { id: red?.id, weight: first },
          { id: blue?.id, weight: 0 },
        ],
      },
    });
    await changeFlag(feature, weights(90));
    const entry = await newest();
    await undo(entry.id);
    expect(await stage.send(200, "GET", flagPath(feature))).toEqual(before);
    await changeFlag(feature, weights(80));
    const other = await newest();
    await stage.send(204, "DELETE", `/api/v1/projects/${project}/features/${feature.id}/mv-options/${blue?.id}/`);
    await undo(other.id, 409);
  });

  test("of a deleted feature cannot be restored", async () => {
    const feature = await createFeature();
    await changeFlag(feature, { environment_default: { enabled: true } });
    const entry = await newest();
    await stage.send(204, "DELETE", `/api/v1/projects/${project}/features/${feature.id}/`);
    expect(await undo(entry.id, 409)).toEqual({ detail: "It cannot be restored: the feature is gone." } as never);
  });
});

describe("a segment override", () => {
  const see = async (feature: { readonly name: string }) =>
    (await stage.identify(key, `someone-${++named}`, { plan: "pro" }))[feature.name];

  test("that was made goes, one that was changed goes back, one that was removed comes back in its place", async () => {
    const feature = await createFeature({ initial_value: "everybody" });
    const first = await createSegment();
    const second = await createSegment();
    await changeFlag(feature, override(first));
    const made = await newest();
    await changeFlag(feature, override(second, { value: { type: "string", value: "second" } }));
    const madeSecond = await newest();
    await changeFlag(feature, override(first, { enabled: false }));
    const changed = await newest();
    await undo(changed.id);
    expect(await see(feature)).toEqual({ enabled: true, feature_state_value: "theirs" });
    const whole = await stage.send(200, "GET", flagPath(feature));
    await stage.send(200, "DELETE", `${flagPath(feature)}segment-overrides/${first.id}/`);
    expect(await see(feature)).toEqual({ enabled: true, feature_state_value: "second" });
    await undo((await newest()).id);
    expect(await stage.send(200, "GET", flagPath(feature))).toEqual(whole);
    await undo(made.id);
    await undo(madeSecond.id);
    expect(await see(feature)).toEqual({ enabled: false, feature_state_value: "everybody" });
  });

  test("comes back, too, where the tie between feature and segment was what was deleted", async () => {
    const feature = await createFeature();
    const segment = await createSegment();
    await changeFlag(feature, override(segment));
    const ties = await stage.send<PageBody>(
      200,
      "GET",
      `/api/v1/features/feature-segments/?environment=${environment.id}&feature=${feature.id}`,
    );
    await stage.send(204, "DELETE", `/api/v1/features/feature-segments/${ties.results[0]?.id}/`);
    expect(await see(feature)).toEqual({ enabled: false, feature_state_value: null });
    const [tie, state] = await stage.audit(2);
    await undo((tie?.object_type === "feature_state" ? tie.id : state?.id) ?? 0);
    expect(await see(feature)).toEqual({ enabled: true, feature_state_value: "theirs" });
  });

  test("of a deleted segment cannot be restored", async () => {
    const feature = await createFeature();
    const segment = await createSegment();
    await changeFlag(feature, override(segment));
    await stage.send(200, "DELETE", `${flagPath(feature)}segment-overrides/${segment.id}/`);
    const entry = await newest();
    await stage.send(204, "DELETE", `/api/v1/projects/${project}/segments/${segment.id}/`);
    await undo(entry.id, 409);
  });
});

describe("a segment", () => {
  const path = (segment: Body) => `/api/v1/projects/${project}/segments/${segment.id}/`;

  test("gets its rules back, and whoever was in it is in it again", async () => {
    const feature = await createFeature();
    const segment = await createSegment("pro");
    await changeFlag(feature, override(segment));
    const rules = [{ type: "NONE", rules: [], conditions: [{ operator: "IS_SET", property: "plan" }] }];
    await stage.send(200, "PATCH", path(segment), { rules, name: "Nobody" });
    const entry = await newest();
    expect((await stage.identify(key, "rules-a", { plan: "pro" }))[feature.name]?.enabled).toBe(false);
    await undo(entry.id);
    expect((await stage.identify(key, "rules-b", { plan: "pro" }))[feature.name]?.enabled).toBe(true);
    expect(await stage.send(200, "GET", path(segment))).toMatchObject({
      name: segment["name"],
      rules: segment["rules"],
    });
    await undo(entry.id, 409);
  });

  test("that was deleted comes back under its number", async () => {
    const segment = await createSegment();
    await stage.send(204, "DELETE", path(segment));
    await undo((await newest()).id);
    expect(await stage.send(200, "GET", path(segment))).toMatchObject({ id: segment.id, uuid: segment.uuid });
  });

  test("that was made goes, unless it overrides something by now", async () => {
    const segment = await createSegment();
    const entry = await newest();
    await changeFlag(await createFeature(), override(segment));
    await undo(entry.id, 409);
    const other = await createSegment();
    await undo((await newest()).id);
    await stage.send(404, "GET", path(other));
  });
});

describe("an identity's override", () => {
  const identities = () => `/api/v1/environments/${key}/identities/`;
  const createIdentity = (): Promise<Body & { readonly identifier: string }> =>
    stage.send(201, "POST", identities(), { identifier: `identity-${++named}` });
  const overridesOf = (identity: Body) => `${identities()}${identity.id}/featurestates/`;

  test("that was made goes, one that was changed goes back, one that was removed comes back as it was", async () => {
    const feature = await createFeature({ initial_value: "everybody" });
    const identity = await createIdentity();
    const see = async () => (await stage.identify(key, identity.identifier))[feature.name];
    const body = { feature: feature.id, enabled: true, feature_state_value: "mine" };
    const made = await stage.send(201, "POST", overridesOf(identity), body);
    const created = await newest();
    await stage.send(200, "PATCH", `${overridesOf(identity)}${made.id}/`, { feature_state_value: 7 });
    await undo((await newest()).id);
    expect(await see()).toEqual({ enabled: true, feature_state_value: "mine" });
    await stage.send(204, "DELETE", `${overridesOf(identity)}${made.id}/`);
    const removed = await newest();
    await undo(removed.id);
    const page = await stage.send<PageBody>(200, "GET", overridesOf(identity));
    expect(page.results[0]).toMatchObject({ uuid: made.uuid, feature_state_value: "mine", enabled: true });
    await undo(removed.id, 409);
    await undo(created.id);
    expect(await see()).toEqual({ enabled: false, feature_state_value: "everybody" });
  });

  test("and a whole copied set are put back", async () => {
    const [one, two] = [await createFeature(), await createFeature()];
    const [source, target] = [await createIdentity(), await createIdentity()];
    await stage.send(201, "POST", overridesOf(source), { feature: one.id, enabled: true });
    await stage.send(201, "POST", overridesOf(target), { feature: two.id, enabled: true, feature_state_value: "kept" });
    await stage.send(200, "POST", `${overridesOf(target)}clone-from-given-identity/`, {
      source_identity_id: source.id,
    });
    const entry = await newest();
    await undo(entry.id);
    const flags = await stage.identify(key, target.identifier);
    expect(flags[one.name]?.enabled).toBe(false);
    expect(flags[two.name]).toEqual({ enabled: true, feature_state_value: "kept" });
  });

  test("of a deleted identity cannot be restored", async () => {
    const identity = await createIdentity();
    await stage.send(201, "POST", overridesOf(identity), { feature: (await createFeature()).id, enabled: true });
    const entry = await newest();
    await stage.send(204, "DELETE", `${identities()}${identity.id}/`);
    expect(await undo(entry.id, 409)).toEqual({ detail: "It cannot be restored: the identity is gone." } as never);
  });
});

describe("who may", () => {
  test("undo is whoever reads the log and may make the change; nothing else is written", async () => {
    const feature = await createFeature();
    await changeFlag(feature, { environment_default: { enabled: true } });
    const { id } = await newest();
    const reader = { scope: "project" as const, id: project, permissions: ["VIEW_AUDIT_LOG"] };
    const seer = { scope: "environment" as const, id: environment.id, permissions: ["VIEW_ENVIRONMENT"] };
    const writer = { ...seer, permissions: ["UPDATE_FEATURE_STATE"] };
    const path = `${audit()}${id}/undo/`;
    const before = (await stage.audit())[0]?.id;
    await stage.refuses("POST", path, undefined, [await stage.client([reader, seer])]);
    expect((await (await stage.client([writer])).call("POST", path)).status).toBe(404);
    expect((await (await stage.client([reader])).call("POST", path)).status).toBe(409);
    expect((await stage.audit())[0]?.id).toBe(before);
    expect((await (await stage.client([reader, writer])).call("POST", path)).status).toBe(200);
  });

  test("changes of other kinds are refused, and say so beforehand", async () => {
    await stage.send(201, "POST", `/api/v1/projects/${project}/tags/`, { label: "not undoable" });
    const entry = await newest();
    expect(entry.is_undoable).toBe(false);
    await undo(entry.id, 409);
    await undo(2_000_000_000, 404);
  });
});
