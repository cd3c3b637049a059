import { catchUpIndex } from "../caught-up.ts";
import type { Call, Case, Cases } from "./case.ts";
import type { World } from "./world.ts";

const CATALOGUE = "/api/v1/environments/{key}/trait-catalogue/";

/** An identity with a trait that nobody else has, as the index follows. */
async function traitAt(world: World): Promise<string> {
  const trait = world.fresh("trait/ü");
  const { key } = world.here;
  const path = `/api/v1/environments/${key}/identities/by-identifier/${encodeURIComponent(world.fresh("holder"))}/`;
  await world.send("PUT", path, { traits: { [trait]: "gold" } });
  await catchUpIndex(world.app.db);
  return trait;
}

const abroad = (world: World, params: Call["params"]) => [
  { what: "another organisation's key", params: { ...params, key: world.abroad.key } },
];

const aboutTrait =
  (call: Omit<Call, "params" | "foreign">): Case =>
  async (world) => {
    const params = { key: world.here.key, trait_key: await traitAt(world) };
    return {
      ...call,
      params,
      foreign: [
        { what: "another environment's key", params: { ...params, key: world.nextDoor.key } },
        ...abroad(world, params),
      ],
    };
  };

const aboutAll =
  (query?: Call["query"]): Case =>
  async (world) => {
    await traitAt(world);
    const params = { key: world.here.key };
    return { params, ...(query ? { query } : {}), status: 200, foreign: abroad(world, params) };
  };

export const searchCases: Cases = {
  "GET /api/v1/environments/{key}/identity-search/": aboutAll({ q: "holder", limit: 5 }),
  [`GET ${CATALOGUE}`]: aboutAll(),
  [`GET ${CATALOGUE}{trait_key}/`]: aboutTrait({ status: 200 }),
  [`PATCH ${CATALOGUE}{trait_key}/`]: aboutTrait({ status: 200, body: { description: "noted", is_personal: true } }),
  [`GET ${CATALOGUE}{trait_key}/values/`]: aboutTrait({ status: 200 }),
};
