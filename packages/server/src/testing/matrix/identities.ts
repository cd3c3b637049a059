import type { Call, Case, Cases } from "./case.ts";
import { featureAt } from "./features.ts";
import type { Body, Place, World } from "./world.ts";

const ALL = "/api/v1/environments/{key}/identities/";
const ONE = `${ALL}{identity}/`;

const identityAt = (world: World, { key }: Place) =>
  world.send("POST", `/api/v1/environments/${key}/identities/`, { identifier: world.fresh("identity") });

const traitOf = (world: World, { key }: Place, identity: Body) =>
  world.send("POST", `/api/v1/environments/${key}/identities/${identity.id}/traits/`, {
    trait_key: world.fresh("trait"),
    string_value: "gold",
  });

async function overrideOf(world: World, { key }: Place, identity: Body): Promise<Body> {
  const feature = await featureAt(world, world.here);
  const body = { feature: feature.id, enabled: true, feature_state_value: "mine" };
  return world.send("POST", `/api/v1/environments/${key}/identities/${identity.id}/featurestates/`, body);
}

/** A call about one identity, which another environment's key and another environment's identity do not reach. */
const aboutIdentity =
  (more: (world: World, identity: Body) => Promise<Call> | Call): Case =>
  async (world) => {
    const identity = await identityAt(world, world.here);
    const theirs = await identityAt(world, world.nextDoor);
    const call = await more(world, identity);
    const params = { key: world.here.key, identity: identity.id, ...call.params };
    return {
      ...call,
      params,
      foreign: [
        ...(call.foreign ?? []),
        { what: "another environment's key", params: { ...params, key: world.nextDoor.key } },
        { what: "another environment's identity", params: { ...params, identity: theirs.id } },
        { what: "another organisation's key", params: { ...params, key: world.abroad.key } },
      ],
    };
  };

/** Of two traits or overrides, the other identity's is not reached through the first. */
const aboutPart = (part: "trait" | "override", call: Omit<Call, "params">): Case => {
  const make = part === "trait" ? traitOf : overrideOf;
  return aboutIdentity(async (world, identity) => {
    const mine = await make(world, world.here, identity);
    const other = await identityAt(world, world.here);
    const theirs = await make(world, world.here, other);
    const params = { key: world.here.key, identity: identity.id, id: theirs.id };
    return { ...call, params: { id: mine.id }, foreign: [{ what: `another identity's ${part}`, params }] };
  });
};

const identities: Cases = {
  [`GET ${ALL}`]: ({ here }) => ({ params: { key: here.key }, status: 200 }),
  [`POST ${ALL}`]: (world) => ({
    params: { key: world.here.key },
    body: { identifier: world.fresh("new") },
    status: 201,
  }),
  [`GET ${ONE}`]: aboutIdentity(() => ({ status: 200 })),
  [`PUT ${ONE}`]: aboutIdentity((world) => ({ body: { identifier: world.fresh("renamed") }, status: 200 })),
  [`PATCH ${ONE}`]: aboutIdentity((world) => ({ body: { identifier: world.fresh("renamed") }, status: 200 })),
  [`DELETE ${ONE}`]: aboutIdentity(() => ({ status: 204 })),
};

const value = { value_type: "int", integer_value: 7 };

const traits: Cases = {
  [`GET ${ONE}traits/`]: aboutIdentity(async (world, identity) => {
    await traitOf(world, world.here, identity);
    return { status: 200 };
  }),
  [`POST ${ONE}traits/`]: aboutIdentity(() => ({ body: { trait_key: "plan", ...value }, status: 201 })),
  [`GET ${ONE}traits/{id}/`]: aboutPart("trait", { status: 200 }),
  [`PUT ${ONE}traits/{id}/`]: aboutPart("trait", { body: { trait_key: "renamed", ...value }, status: 200 }),
  [`PATCH ${ONE}traits/{id}/`]: aboutPart("trait", { body: value, status: 200 }),
  [`DELETE ${ONE}traits/{id}/`]: aboutPart("trait", { status: 204 }),
  "GET /api/v1/environments/{key}/trait-keys/": ({ here }) => ({ params: { key: here.key }, status: 200 }),
  "POST /api/v1/environments/{key}/delete-traits/": (world) => ({
    params: { key: world.here.key },
    body: { key: world.fresh("trait") },
    status: 200,
  }),
};

const change = { enabled: false, feature_state_value: 5 };

const overrides: Cases = {
  [`GET ${ONE}featurestates/`]: aboutIdentity(async (world, identity) => {
    await overrideOf(world, world.here, identity);
    return { status: 200 };
  }),
  [`POST ${ONE}featurestates/`]: aboutIdentity(async (world, identity) => {
    const feature = await featureAt(world, world.here);
    const theirs = await featureAt(world, world.downTheRoad);
    const params = { key: world.here.key, identity: identity.id };
    return {
      body: { feature: feature.id, enabled: true },
      status: 201,
      foreign: [
        { what: "another project's feature", params, body: { feature: theirs.id, enabled: true }, status: 400 },
      ],
    };
  }),
  [`GET ${ONE}featurestates/all/`]: aboutIdentity(() => ({ status: 200 })),
  [`POST ${ONE}featurestates/clone-from-given-identity/`]: aboutIdentity(async (world, identity) => {
    const source = await identityAt(world, world.here);
    const theirs = await identityAt(world, world.nextDoor);
    await overrideOf(world, world.here, source);
    const params = { key: world.here.key, identity: identity.id };
    const foreign = [{ what: "another environment's source", params, body: { source_identity_id: theirs.id } }];
    return { body: { source_identity_id: source.id }, status: 200, foreign };
  }),
  [`GET ${ONE}featurestates/{id}/`]: aboutPart("override", { status: 200 }),
  [`PUT ${ONE}featurestates/{id}/`]: aboutPart("override", { body: change, status: 200 }),
  [`PATCH ${ONE}featurestates/{id}/`]: aboutPart("override", { body: change, status: 200 }),
  [`DELETE ${ONE}featurestates/{id}/`]: aboutPart("override", { status: 204 }),
};

export const identityCases: Cases = { ...identities, ...traits, ...overrides };
