import type { Call, Case, Cases } from "./case.ts";
import type { Body, Place, World } from "./world.ts";

const ALL = "/api/v1/projects/{project}/segments/";
const ONE = `${ALL}{id}/`;

const condition = { operator: "EQUAL", property: "plan", value: "pro" };
const rules = [{ type: "ALL", rules: [{ type: "ANY", rules: [], conditions: [condition] }], conditions: [] }];

export const segmentAt = (world: World, { project }: Place): Promise<Body> =>
  world.send("POST", `/api/v1/projects/${project}/segments/`, { name: world.fresh("segment"), rules });

const aboutSegment =
  (call: Omit<Call, "params">): Case =>
  async (world) => {
    const { here, downTheRoad } = world;
    const mine = await segmentAt(world, here);
    const theirs = await segmentAt(world, downTheRoad);
    const foreign = [
      { what: "another project's segment", params: { project: here.project, id: theirs.id } },
      { what: "another project", params: { project: downTheRoad.project, id: mine.id } },
    ];
    return { params: { project: here.project, id: mine.id }, foreign, ...call };
  };

export const segmentCases: Cases = {
  [`GET ${ALL}`]: async (world) => {
    await segmentAt(world, world.here);
    return { params: { project: world.here.project }, status: 200 };
  },
  [`POST ${ALL}`]: (world) => ({
    params: { project: world.here.project },
    body: { name: world.fresh("new"), description: "Who pays", rules },
    status: 201,
  }),
  "GET /api/v1/segments/get-by-uuid/{uuid}/": async (world) => {
    const { uuid } = await segmentAt(world, world.here);
    return { params: { uuid }, status: 200 };
  },
  [`GET ${ONE}`]: aboutSegment({ status: 200 }),
  [`PUT ${ONE}`]: aboutSegment({ body: { name: "Renamed", rules }, status: 200 }),
  [`PATCH ${ONE}`]: aboutSegment({ body: { description: "Changed" }, status: 200 }),
  [`DELETE ${ONE}`]: aboutSegment({ status: 204 }),
  [`POST ${ONE}clone/`]: aboutSegment({ body: { name: "The same again" }, status: 201 }),
  [`GET ${ONE}associated-features/`]: aboutSegment({ status: 200 }),
  [`GET ${ONE}where-used/`]: aboutSegment({ status: 200 }),
  [`GET ${ONE}members/`]: async (world) => {
    const { here, downTheRoad } = world;
    const mine = await segmentAt(world, here);
    return {
      params: { project: here.project, id: mine.id },
      query: { environment: here.environment },
      alongside: [{ scope: "project", id: here.project, permissions: ["VIEW_PROJECT"] }],
      // A project that it cannot see has no segments for it.
      expect: { "environment admin": 404 },
      status: 200,
      foreign: [
        { what: "another project's environment", query: { environment: downTheRoad.environment } },
        { what: "another project", params: { project: downTheRoad.project, id: mine.id } },
      ],
    };
  },
  "POST /api/v1/environments/{environment}/segment-preview/": ({ here }) => ({
    params: { environment: here.key },
    body: { rules },
    status: 200,
  }),
};
