import type { Cases } from "./case.ts";
import { featureAt } from "./features.ts";
import type { Body, World } from "./world.ts";

const VERSIONS = "/api/v1/environments/{environment}/features/{feature}/versions/";

const exportIn = (world: World, environment: number): Promise<Body> =>
  world.send("POST", "/api/v1/features/create-feature-export/", { environment_id: environment, tag_ids: [] });

const file = (world: World) =>
  JSON.stringify([{ name: world.fresh("imported"), default_enabled: true, enabled: true, value: "v" }]);

const version = async (world: World) => {
  const [mine, theirs] = [await featureAt(world, world.here), await featureAt(world, world.downTheRoad)];
  const { environment } = world.here;
  return {
    params: { environment, feature: mine.id },
    foreign: [{ what: "another project's feature", params: { environment, feature: theirs.id } }],
  };
};

export const featureTransferCases: Cases = {
  "POST /api/v1/features/create-feature-export/": ({ here, abroad }) => ({
    body: { environment_id: here.environment, tag_ids: [] },
    status: 201,
    unseen: 400,
    foreign: [
      { what: "another organisation's environment", body: { environment_id: abroad.environment }, status: 400 },
    ],
  }),
  "GET /api/v1/features/download-feature-export/{id}/": async (world) => ({
    params: { id: (await exportIn(world, world.here.environment)).id },
    status: 200,
  }),
  "POST /api/v1/features/feature-import/{environment}": (world) => ({
    params: { environment: world.here.environment },
    body: { file: file(world), strategy: "SKIP" },
    status: 201,
    foreign: [{ what: "another organisation's environment", params: { environment: world.abroad.environment } }],
  }),
  "GET /api/v1/projects/{project}/feature-exports/": async (world) => {
    await exportIn(world, world.here.environment);
    return { params: { project: world.here.project }, status: 200 };
  },
  "GET /api/v1/projects/{project}/feature-imports/": ({ here }) => ({ params: { project: here.project }, status: 200 }),
  [`GET ${VERSIONS}`]: async (world) => ({ ...(await version(world)), status: 200 }),
  [`POST ${VERSIONS}`]: async (world) => ({ ...(await version(world)), body: {}, status: 400 }),
};
