import type { Call, Case, Cases } from "./case.ts";
import { featureAt } from "./features.ts";
import type { Place, World } from "./world.ts";

const ALL = "/api/v1/environments/{key}/identities/by-identifier/";
const ONE = `${ALL}{identifier}/`;

async function recordAt(world: World, { key }: Place): Promise<string> {
  const identifier = world.fresh("record/ü");
  const path = `/api/v1/environments/${key}/identities/by-identifier/${encodeURIComponent(identifier)}/`;
  await world.send("PUT", path, { traits: { plan: "gold", age: 30 } });
  return identifier;
}

/** A call about one identity, which neither another environment's key nor another environment's identifier reaches. */
const aboutRecord =
  (more: (world: World, identifier: string) => Promise<Call> | Call): Case =>
  async (world) => {
    const identifier = await recordAt(world, world.here);
    const theirs = await recordAt(world, world.nextDoor);
    const call = await more(world, identifier);
    const params = { key: world.here.key, identifier, ...call.params };
    return {
      ...call,
      params,
      foreign: [
        { what: "another environment's key", params: { ...params, key: world.nextDoor.key } },
        { what: "another environment's identity", params: { ...params, identifier: theirs } },
        { what: "another organisation's key", params: { ...params, key: world.abroad.key } },
        ...(call.foreign ?? []),
      ],
    };
  };

const abroad = (world: World, params: Call["params"]) => [
  { what: "another organisation's key", params: { ...params, key: world.abroad.key } },
];

const records: Cases = {
  [`GET ${ONE}`]: aboutRecord(() => ({ status: 200 })),
  [`PUT ${ONE}`]: (world) => {
    const params = { key: world.here.key, identifier: world.fresh("put") };
    return { params, body: { traits: { plan: "pro" } }, status: 201, foreign: abroad(world, params) };
  },
  [`PATCH ${ONE}`]: aboutRecord(() => ({ body: { traits: { plan: null, level: 3 } }, status: 200 })),
  [`DELETE ${ONE}`]: aboutRecord(() => ({ status: 204 })),
  [`PUT ${ONE}traits/{trait_key}/`]: aboutRecord(() => ({
    params: { trait_key: "plan" },
    body: { value: 7, type: "float" },
    status: 200,
  })),
  [`DELETE ${ONE}traits/{trait_key}/`]: aboutRecord(() => ({ params: { trait_key: "plan" }, status: 204 })),
  [`GET ${ONE}segments/`]: aboutRecord(() => ({ status: 200 })),
  [`GET ${ONE}explain/`]: aboutRecord(() => ({ status: 200 })),
  "POST /api/v1/environments/{key}/explain/": (world) => {
    const params = { key: world.here.key };
    const body = { identifier: "nobody", traits: { plan: "gold" } };
    return { params, body, status: 200, foreign: abroad(world, params) };
  },
};

/** An override of a feature of the project, and another project's feature. */
const aboutOverride = (call: Omit<Call, "params">): Case =>
  aboutRecord(async (world, identifier) => {
    const feature = await featureAt(world, world.here);
    const theirs = await featureAt(world, world.downTheRoad);
    const path = `/api/v1/environments/${world.here.key}/identities/by-identifier/${encodeURIComponent(identifier)}/`;
    await world.send("PUT", `${path}overrides/${feature.id}/`, { enabled: true, reason: "because" });
    const params = { key: world.here.key, identifier, feature: theirs.id };
    return { ...call, params: { feature: feature.id }, foreign: [{ what: "another project's feature", params }] };
  });

const overrides: Cases = {
  [`GET ${ONE}overrides/`]: aboutRecord(() => ({ status: 200 })),
  [`GET ${ONE}overrides/{feature}/`]: aboutOverride({ status: 200 }),
  [`PUT ${ONE}overrides/{feature}/`]: async (world) => {
    const feature = await featureAt(world, world.here);
    const theirs = await featureAt(world, world.downTheRoad);
    const params = { key: world.here.key, identifier: world.fresh("put"), feature: feature.id };
    const foreign = [{ what: "another project's feature", params: { ...params, feature: theirs.id } }];
    const body = { enabled: true, value: "mine", reason: "asked for" };
    return { params, body, status: 201, foreign: [...foreign, ...abroad(world, params)] };
  },
  [`DELETE ${ONE}overrides/{feature}/`]: aboutOverride({ status: 204 }),
  [`POST ${ONE}overrides/clone/`]: async (world) => {
    const from = await recordAt(world, world.here);
    const theirs = await recordAt(world, world.nextDoor);
    const params = { key: world.here.key, identifier: world.fresh("copy") };
    const foreign = [{ what: "another environment's source", params, body: { from: theirs }, status: 400 }];
    return { params, body: { from }, status: 200, foreign: [...foreign, ...abroad(world, params)] };
  },
  "GET /api/v1/environments/{key}/overrides/": (world) => {
    const params = { key: world.here.key };
    return { params, query: { limit: 10 }, status: 200, foreign: abroad(world, params) };
  },
};

const HOSTED = "/api/v1/environments/environments/{key}/edge-identities-featurestates";

/** With another project's feature, and with another organisation's key. */
const aboutHosted =
  (status: number, more: object): Case =>
  async (world) => {
    const feature = await featureAt(world, world.here);
    const theirs = await featureAt(world, world.downTheRoad);
    const params = { key: world.here.key };
    const body = { identifier: world.fresh("hosted"), feature: feature.id, ...more };
    const foreign = [{ what: "another project's feature", body: { ...body, feature: theirs.id }, status: 400 }];
    return { params, body, status, foreign: [...foreign, ...abroad(world, params)] };
  };

const hosted: Cases = {
  [`PUT ${HOSTED}`]: aboutHosted(200, { enabled: true, feature_state_value: "mine" }),
  [`DELETE ${HOSTED}`]: aboutHosted(204, {}),
  "GET /api/v1/environments/{key}/edge-identity-overrides": async (world) => {
    const params = { key: world.here.key };
    const theirs = await featureAt(world, world.downTheRoad);
    const foreign = [{ what: "another project's feature", query: { feature: theirs.id }, status: 400 }];
    return { params, status: 200, foreign: [...foreign, ...abroad(world, params)] };
  },
};

export const identityRecordCases: Cases = { ...records, ...overrides, ...hosted };
