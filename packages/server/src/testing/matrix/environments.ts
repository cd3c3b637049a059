import type { Call, Case, Cases } from "./case.ts";
import { featureAt } from "./features.ts";
import type { Body, Place, World } from "./world.ts";

const ALL = "/api/v1/environments/";
const ONE = `${ALL}{key}/`;

/** An environment of its own, for calls that rename or delete it. */
async function spareOf(world: World): Promise<Place & { readonly uuid: string }> {
  const body = { name: world.fresh("environment"), project: world.here.project };
  const made = await world.send("POST", ALL, body);
  return { ...world.here, environment: made.id, key: String(made["api_key"]), uuid: made.uuid };
}

const aboutSpare =
  (more: (world: World) => Omit<Call, "at" | "params">): Case =>
  async (world) => {
    const at = await spareOf(world);
    const call = more(world);
    const foreign = [{ what: "another organisation's key", params: { key: world.abroad.key } }];
    return { params: { key: at.key }, at, foreign, ...call };
  };

const keyAt = (world: World, { key }: Place) =>
  world.send("POST", `${ALL}${key}/api-keys/`, { name: world.fresh("key") });

const aboutKey =
  (call: Omit<Call, "params">): Case =>
  async (world) => {
    const mine = await keyAt(world, world.here);
    const theirs: Body = await keyAt(world, world.nextDoor);
    const { key } = world.here;
    const foreign = [
      { what: "another environment's server-side key", params: { key, id: theirs.id } },
      { what: "another environment", params: { key: world.nextDoor.key, id: mine.id } },
    ];
    return { params: { key, id: mine.id }, foreign, ...call };
  };

const settings = { description: "Changed.", banner_text: "Take care" };

export const environmentCases: Cases = {
  [`GET ${ALL}`]: ({ here }) => ({ query: { project: here.project }, status: 200, unseen: 400 }),
  [`POST ${ALL}`]: (world) => ({
    body: { name: world.fresh("new"), project: world.here.project },
    status: 201,
    unseen: 400,
    foreign: [
      { what: "another organisation's project", body: { name: "x", project: world.abroad.project }, status: 400 },
    ],
  }),
  [`GET ${ALL}get-by-uuid/{uuid}/`]: async (world) => {
    const at = await spareOf(world);
    return { params: { uuid: at.uuid }, at, status: 200 };
  },
  [`GET ${ONE}`]: aboutSpare(() => ({ status: 200 })),
  [`PUT ${ONE}`]: aboutSpare((world) => ({ body: { name: world.fresh("renamed"), ...settings }, status: 200 })),
  [`PATCH ${ONE}`]: aboutSpare(() => ({ body: settings, status: 200 })),
  [`DELETE ${ONE}`]: aboutSpare(() => ({ status: 204 })),
  [`GET ${ONE}metrics/`]: aboutSpare(() => ({ status: 200 })),
  [`GET ${ONE}usage/`]: async (world) => {
    const feature = await featureAt(world, world.here);
    const theirs = await featureAt(world, world.downTheRoad);
    const params = { key: world.here.key };
    return {
      params,
      query: { feature: feature.id, days: 7 },
      status: 200,
      foreign: [
        { what: "another organisation's key", params: { key: world.abroad.key } },
        { what: "another project's feature", params, query: { feature: theirs.id }, status: 400 },
      ],
    };
  },
  [`GET ${ONE}document/`]: aboutSpare(() => ({ status: 200 })),
  [`POST ${ONE}clone/`]: async (world) => {
    const at = await spareOf(world);
    const environment = { scope: "environment" as const, id: at.environment, permissions: ["VIEW_ENVIRONMENT"] };
    return { params: { key: at.key }, at, body: { name: world.fresh("clone") }, alongside: [environment], status: 200 };
  },
  [`POST ${ONE}enable-v2-versioning/`]: aboutSpare(() => ({ body: {}, status: 202 })),
  [`POST ${ONE}disable-v2-versioning/`]: aboutSpare(() => ({ body: {}, status: 202 })),
  [`GET ${ONE}api-keys/`]: ({ here }) => ({ params: { key: here.key }, status: 200 }),
  [`POST ${ONE}api-keys/`]: aboutSpare(() => ({ body: { name: "A key" }, status: 201 })),
  [`PUT ${ONE}api-keys/{id}/`]: aboutKey({ body: { name: "Renamed", active: false }, status: 200 }),
  [`PATCH ${ONE}api-keys/{id}/`]: aboutKey({ body: { expires_at: "2031-05-06T07:08:09Z" }, status: 200 }),
  [`DELETE ${ONE}api-keys/{id}/`]: aboutKey({ status: 204 }),
};
