import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let key = "";
let one = "";
let project = 0;
let feature = 0;
let skew = 0;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
  const owner = { name: "hosted", organisation: stage.organisationId };
  project = (await stage.send(201, "POST", "/api/v1/projects/", owner)).id;
  key = String((await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project }))["api_key"]);
  one = `/api/v1/environments/environments/${key}/edge-identities-featurestates`;
  feature = (await stage.send(201, "POST", `/api/v1/projects/${project}/features/`, { name: "Banner" })).id;
});
afterAll(() => stage.close());

const listed = async (query = "") =>
  (await stage.send(200, "GET", `/api/v1/environments/${key}/edge-identity-overrides${query}`))["results"] as Body[];

const bannerOf = async (identifier: string): Promise<unknown> => {
  const headers = { "X-Environment-Key": key };
  const path = `/api/v1/identities/?identifier=${identifier}&feature=Banner`;
  return ((await (await stage.app.request(path, { headers })).json()) as Body)["feature_state_value"];
};

test("an override is put by identifier, with the identity where there is none, and put again", async () => {
  const body = { identifier: "ana", feature: "banner", enabled: true, feature_state_value: 5 };
  const made = await stage.send(200, "PUT", one, body);
  expect(made).toEqual({
    feature,
    enabled: true,
    feature_state_value: 5,
    featurestate_uuid: expect.any(String),
    identity_uuid: null,
    multivariate_feature_state_values: [],
  } as never);
  expect((await stage.audit(2)).map((entry) => entry.log)).toEqual([
    "Override of Banner set for identity ana",
    "Identity created: ana",
  ]);
  const again = await stage.send(200, "PUT", one, { ...body, feature, enabled: undefined, feature_state_value: "x" });
  expect(again).toMatchObject({ enabled: true, feature_state_value: "x" });
  expect(again["featurestate_uuid"]).toBe(made["featurestate_uuid"]);
  expect(await bannerOf("ana")).toBe("x");
  const state = { identifier: "ana", identity_uuid: null, feature_state: again };
  expect(await listed()).toEqual([state] as never);
  expect(await listed(`?feature=${feature}`)).toEqual([state] as never);
});

test("those that have ended are not listed, and take effect again without an end", async () => {
  const path = `/api/v1/environments/${key}/identities/by-identifier/ended/overrides/Banner/`;
  const expires_at = new Date(Date.now() + 60_000).toISOString();
  await stage.send(201, "PUT", path, { enabled: true, value: "old", expires_at });
  skew = 120_000;
  expect((await listed()).map((row) => row["identifier"])).toEqual(["ana"]);
  await stage.send(200, "PUT", one, { identifier: "ended", feature, enabled: true, feature_state_value: "new" });
  expect(await stage.send(200, "GET", path)).toMatchObject({ value: "new", expires_at: null });
});

test("one is removed, and where there is none nothing happens", async () => {
  const target = { identifier: "ana", feature };
  await stage.send(204, "DELETE", one, target);
  expect(await bannerOf("ana")).toBeNull();
  const [newest] = await stage.audit();
  expect(newest?.log).toBe("Override of Banner removed for identity ana");
  await stage.send(204, "DELETE", `${one}/`, target);
  await stage.send(204, "DELETE", one, { identifier: "nobody", feature });
  expect((await stage.audit())[0]?.id).toBe(newest?.id ?? 0);
});

test("what names no feature or no identity is refused", async () => {
  for (const [body, fault] of [
    [{ identifier: "ana", feature: "unknown" }, { feature: ['Invalid pk "unknown" - object does not exist.'] }],
    [{ identifier: "ana", feature: [1] }, { feature: ["Name a feature by its id or its name."] }],
    [{ identifier: "", feature }, { identifier: ["This field may not be blank."] }],
    [{ feature }, { identifier: ["This field is required."] }],
    [{ identifier: "ana", feature, feature_state_value: {} }, { feature_state_value: [expect.any(String)] }],
  ] as const) {
    expect(await stage.send(400, "PUT", one, body)).toEqual(fault as never);
  }
  expect(await listed("?feature=Banner")).toHaveLength(1);
  await stage.send(400, "GET", `/api/v1/environments/${key}/edge-identity-overrides?feature=0`);
});
