import type { Call, Case, Cases } from "./case.ts";
import type { Place, World } from "./world.ts";

const ALL = "/api/v1/projects/";
const ONE = `${ALL}{id}/`;
const TAGS = `${ALL}{project}/tags/`;

/** A project of its own, for calls that change or delete it. */
async function spareOf(world: World): Promise<Place & { readonly uuid: string }> {
  const body = { name: world.fresh("project"), organisation: world.here.organisation };
  const made = await world.send("POST", ALL, body);
  return { ...world.here, project: made.id, uuid: made.uuid };
}

const aboutSpare =
  (call: Omit<Call, "params" | "at">): Case =>
  async (world) => {
    const at = await spareOf(world);
    const foreign = [{ what: "another organisation's project", params: { id: world.abroad.project } }];
    return { params: { id: at.project }, at, foreign, ...call };
  };

const tagAt = (world: World, { project }: Place) =>
  world.send("POST", `${ALL}${project}/tags/`, { label: world.fresh("tag") });

const aboutTag =
  (call: Omit<Call, "params">): Case =>
  async (world) => {
    const { here, downTheRoad } = world;
    const mine = await tagAt(world, here);
    const theirs = await tagAt(world, downTheRoad);
    const foreign = [
      { what: "another project's tag", params: { project: here.project, id: theirs.id } },
      { what: "another project", params: { project: downTheRoad.project, id: mine.id } },
    ];
    return { params: { project: here.project, id: mine.id }, foreign, ...call };
  };

export const projectCases: Cases = {
  [`GET ${ALL}`]: () => ({ status: 200 }),
  [`POST ${ALL}`]: (world) => ({
    body: { name: world.fresh("new"), organisation: world.here.organisation },
    status: 201,
    unseen: 400,
    foreign: [
      { what: "another organisation", body: { name: "x", organisation: world.abroad.organisation }, status: 400 },
    ],
  }),
  [`GET ${ALL}get-by-uuid/{uuid}/`]: async (world) => {
    const at = await spareOf(world);
    return { params: { uuid: at.uuid }, at, status: 200 };
  },
  [`GET ${ONE}`]: aboutSpare({ status: 200 }),
  [`GET ${ONE}environments/`]: aboutSpare({ status: 200 }),
  [`PUT ${ONE}`]: async (world) => aboutSpare({ body: { name: world.fresh("renamed") }, status: 200 })(world),
  [`PATCH ${ONE}`]: aboutSpare({ body: { hide_disabled_flags: true }, status: 200 }),
  [`DELETE ${ONE}`]: aboutSpare({ status: 204 }),
  [`GET ${TAGS}`]: ({ here }) => ({ params: { project: here.project }, status: 200 }),
  [`GET ${TAGS}get-by-uuid/{uuid}/`]: async (world) => {
    const { uuid } = await tagAt(world, world.here);
    const theirs = await tagAt(world, world.downTheRoad);
    const params = { project: world.here.project, uuid };
    return {
      params,
      status: 200,
      foreign: [{ what: "another project's tag", params: { ...params, uuid: theirs.uuid } }],
    };
  },
  [`GET ${TAGS}{id}/`]: aboutTag({ status: 200 }),
  [`POST ${TAGS}`]: (world) => ({
    params: { project: world.here.project },
    body: { label: world.fresh("tag"), color: "#123456" },
    status: 201,
  }),
  [`PUT ${TAGS}{id}/`]: async (world) => aboutTag({ body: { label: world.fresh("renamed") }, status: 200 })(world),
  [`PATCH ${TAGS}{id}/`]: aboutTag({ body: { color: "#654321" }, status: 200 }),
  [`DELETE ${TAGS}{id}/`]: aboutTag({ status: 204 }),
};
