import { createOrganisation } from "../test-admin.ts";
import type { Cases } from "./case.ts";
import type { World } from "./world.ts";

const ALL = "/api/v1/organisations/";
const ONE = `${ALL}{id}/`;

const here = (world: World) => ({ id: world.here.organisation });
const abroad = (world: World) => [{ what: "another organisation", params: { id: world.abroad.organisation } }];

export const organisationCases: Cases = {
  [`GET ${ALL}`]: () => ({ status: 200 }),
  [`POST ${ALL}`]: (world) => ({ body: { name: world.fresh("organisation") }, status: 201 }),
  [`GET ${ALL}get-by-uuid/{uuid}/`]: async (world) => {
    const { uuid } = await world.send("GET", `${ALL}${world.here.organisation}/`);
    return { params: { uuid }, status: 200 };
  },
  [`GET ${ONE}`]: (world) => ({ params: here(world), status: 200, foreign: abroad(world) }),
  [`PUT ${ONE}`]: (world) => ({
    params: here(world),
    body: { name: world.fresh("Here"), webhook_notification_email: "who@example.com" },
    status: 200,
    foreign: abroad(world),
  }),
  [`PATCH ${ONE}`]: (world) => ({
    params: here(world),
    body: { name: world.fresh("Here") },
    status: 200,
    foreign: abroad(world),
  }),
  [`DELETE ${ONE}`]: async (world) => {
    const id = await createOrganisation(world.db, world.fresh("doomed"));
    return { params: { id }, at: { ...world.here, organisation: id }, status: 204 };
  },
  [`GET ${ONE}get-subscription-metadata/`]: (world) => ({ params: here(world), status: 200, foreign: abroad(world) }),
  [`GET ${ONE}usage-data/`]: (world) => ({
    params: here(world),
    status: 200,
    foreign: [
      ...abroad(world),
      {
        what: "another organisation's project",
        params: here(world),
        query: { project_id: world.abroad.project },
      },
      {
        what: "another organisation's environment",
        params: here(world),
        query: { environment_id: world.abroad.environment },
      },
    ],
  }),
  [`GET ${ONE}usage-data/total-count/`]: (world) => ({ params: here(world), status: 200, foreign: abroad(world) }),
  [`GET ${ONE}projects/`]: (world) => ({ params: here(world), status: 200, foreign: abroad(world) }),
};
