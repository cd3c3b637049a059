/** Undoing that a feature was deleted, or made. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { keyOf } from "../../testing/feature-stage.ts";
import { type Body, createPerson, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let named = 0;

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  environment = await newEnvironment("e");
});
afterAll(() => stage.close());

const inProject = (path: string) => `/api/v1/projects/${project.id}/${path}`;
const newEnvironment = (name: string) =>
  stage.send(201, "POST", "/api/v1/environments/", { name, project: project.id });
const newSegment = (more: object = {}) =>
  stage.send(201, "POST", inProject("segments/"), {
    name: `s${++named}`,
    rules: [{ type: "ALL", conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] }],
    ...more,
  });
const newFeature = (more: object = {}) =>
  stage.send(201, "POST", inProject("features/"), { name: `f${++named}`, initial_value: "control", ...more });
const option = (string_value: string) => ({ type: "unicode", string_value, default_percentage_allocation: 40 });
const one = ({ id }: Body) => inProject(`features/${id}/`);
const flagOf = ({ id }: Body, { api_key }: Body = environment) =>
  `/api/__future__/environments/${api_key}/features/${id}/`;
const remove = (feature: Body) => stage.send(204, "DELETE", one(feature));

async function newest(): Promise<Body> {
  const [entry] = (await stage.send<PageBody>(200, "GET", inProject("audit/?page_size=1"))).results;
  return stage.send(200, "GET", inProject(`audit/${entry?.id}/`));
}
const undo = (entry: Body, status = 200) => stage.send(status, "POST", inProject(`audit/${entry.id}/undo/`));

/** What many people are told of it: what splits hash to must not change. */
async function told({ name }: Body): Promise<unknown[]> {
  const people = Array.from({ length: 20 }, (_, n) => `person-${n}`);
  const flags = await Promise.all(
    people.map((person, n) => stage.identify(keyOf(environment), person, n % 2 ? { plan: "pro" } : {})),
  );
  return flags.map((flag) => flag[String(name)]);
}

test("a deleted feature comes back with all that went along, and everybody gets what they had", async () => {
  const owner = await createPerson(stage.app, { organisationId: stage.organisationId });
  const tag = await stage.send(201, "POST", inProject("tags/"), { label: "t", color: "#fff" });
  const feature = await newFeature({
    multivariate_options: [option("red"), option("blue")],
    owners: [owner.id],
    tags: [tag.id],
  });
  const own = await newSegment({ feature: feature.id });
  const segment_overrides = [own, await newSegment()].map(({ id }) => ({ segment: { id }, enabled: true }));
  await stage.send<unknown>(200, "PATCH", flagOf(feature), {
    environment_default: { enabled: true },
    segment_overrides,
  });
  const identities = `/api/v1/environments/${keyOf(environment)}/identities/`;
  const identity = await stage.send(201, "POST", identities, { identifier: "person-3" });
  const mine = { feature: feature.id, enabled: true, feature_state_value: "mine" };
  await stage.send(201, "POST", `${identities}${identity.id}/featurestates/`, mine);
  const see = async () => [
    await stage.send(200, "GET", one(feature)),
    await stage.send<unknown>(200, "GET", flagOf(feature)),
    await told(feature),
    await stage.send(200, "GET", inProject(`segments/${own.id}/`)),
  ];
  const before = await see();
  expect((before[2] as unknown[])[3]).toEqual({ enabled: true, feature_state_value: "mine" });

  await remove(feature);
  const entry = await newest();
  expect(entry["is_undoable"]).toBe(true);
  expect((entry["change_details"] as Body[]).map(({ field }) => field)).not.toContain("kept" as never);
  expect((await told(feature))[3]).toBeUndefined();
  const undone = await undo(entry);
  expect(undone["log"]).toBe(`Undid: Flag / Remote Config Deleted: ${feature["name"]}`);
  expect(await see()).toEqual(before);
  await undo(entry, 409);
});

test("what went meanwhile stays gone, and environments made since have its defaults", async () => {
  const feature = await newFeature({ default_enabled: true });
  const [gone, stays] = [await newSegment(), await newSegment()];
  const left = await newEnvironment("left");
  for (const place of [environment, left]) {
    const segment_overrides = [gone, stays].map(({ id }) => ({ segment: { id }, enabled: true }));
    await stage.send<unknown>(200, "PATCH", flagOf(feature, place), { segment_overrides });
  }
  await remove(feature);
  const entry = await newest();
  await stage.send(204, "DELETE", inProject(`segments/${gone.id}/`));
  await stage.send(204, "DELETE", `/api/v1/environments/${keyOf(left)}/`);
  const fresh = await newEnvironment("fresh");
  await undo(entry);
  expect(await stage.send<unknown>(200, "GET", flagOf(feature))).toMatchObject({
    segment_overrides: [{ segment: { id: stays.id }, priority: 0 }],
  });
  const value = { type: "string", value: "control" };
  expect(await stage.send<unknown>(200, "GET", flagOf(feature, fresh))).toEqual({
    environment_default: { enabled: true, value, variants: [] },
    segment_overrides: [],
  });
});

test("not where its name is taken by now, and not without the right to make and to delete", async () => {
  const feature = await newFeature();
  // Else its number could be had again, too.
  await newFeature();
  await remove(feature);
  const entry = await newest();
  const maker = await stage.client([
    { scope: "project", id: project.id, permissions: ["CREATE_FEATURE", "VIEW_AUDIT_LOG"] },
  ]);
  expect((await maker.call("POST", inProject(`audit/${entry.id}/undo/`))).status).toBe(403);
  const other = await newFeature({ name: String(feature["name"]).toUpperCase() });
  const detail = "It cannot be restored: another feature has its name by now.";
  expect(await undo(entry, 409)).toEqual({ detail } as never);
  await remove(other);
});

test("a new feature goes unless it was changed since, and comes back again", async () => {
  const feature = await newFeature();
  const made = await newest();
  await stage.send(200, "PATCH", one(feature), { description: "d" });
  await undo(made, 409);
  await undo(await newest());
  await undo(made);
  await stage.send(404, "GET", one(feature));
  await undo(await newest());
  expect(await stage.send(200, "GET", one(feature))).toMatchObject({ id: feature.id, uuid: feature.uuid });
});

test("one with more than an entry holds is gone for good, and is said to be", async () => {
  const feature = await newFeature();
  const override = { environment_id: environment.id, feature_id: feature.id, enabled: 1, value: "1", variants: "[]" };
  const rows = Array.from({ length: 2000 }, (_, n) => {
    const uuid = crypto.randomUUID();
    return { ...override, identifier: `many-${n}`, uuid, hash_seed: uuid, created_at: 1, updated_at: 1 };
  });
  for (let start = 0; start < rows.length; start += 500) {
    const part = rows.slice(start, start + 500);
    await stage.app.db.kysely.insertInto("identity_overrides").values(part).execute();
  }
  await remove(feature);
  const entry = await newest();
  expect(entry["is_undoable"]).toBe(false);
  await undo(entry, 409);
});
