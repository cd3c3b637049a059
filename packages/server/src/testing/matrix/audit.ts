import type { Cases } from "./case.ts";
import type { Place, World } from "./world.ts";

/** An entry of an environment's project. */
async function entryIn(world: World, { project }: Place): Promise<number> {
  await world.send("POST", `/api/v1/projects/${project}/tags/`, { label: world.fresh("tag") });
  return newestOf(world, project);
}

async function newestOf(world: World, project: number): Promise<number> {
  const row = await world.db.kysely
    .selectFrom("audit")
    .select("id")
    .where("project_id", "=", project)
    .orderBy("id", "desc")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The entry of a change that is still as it was made, in the project's own environment. */
async function changeIn(world: World, { project, key }: Place): Promise<number> {
  const feature = await world.send("POST", `/api/v1/projects/${project}/features/`, { name: world.fresh("feature") });
  const path = `/api/__future__/environments/${key}/features/${feature.id}/`;
  await world.send("PATCH", path, { environment_default: { enabled: true } });
  return newestOf(world, project);
}

const unseen = 404;

export const auditCases: Cases = {
  "GET /api/v1/audit/": () => ({ status: 200 }),
  "GET /api/v1/audit/{id}/": async (world) => ({
    params: { id: await entryIn(world, world.here) },
    status: 200,
    expect: {
      "environment admin": unseen,
      "everything else": 200,
      viewer: unseen,
      member: unseen,
      neighbour: unseen,
      "other project's admin": unseen,
      "other organisation's admin": unseen,
    },
  }),
  "GET /api/v1/organisations/{organisation}/audit/": ({ here }) => ({
    params: { organisation: here.organisation },
    status: 200,
  }),
  "GET /api/v1/organisations/{organisation}/audit/{id}/": async (world) => ({
    params: { organisation: world.here.organisation, id: await entryIn(world, world.here) },
    status: 200,
  }),
  "GET /api/v1/projects/{project}/audit/": ({ here }) => ({ params: { project: here.project }, status: 200 }),
  "GET /api/v1/projects/{project}/audit/{id}/": async (world) => {
    const params = { project: world.here.project, id: await entryIn(world, world.here) };
    const theirs = await entryIn(world, world.downTheRoad);
    return { params, status: 200, foreign: [{ what: "another project's entry", params: { ...params, id: theirs } }] };
  },
  "POST /api/v1/projects/{project}/audit/{id}/undo/": async (world) => {
    const params = { project: world.here.project, id: await changeIn(world, world.here) };
    const theirs = await changeIn(world, world.downTheRoad);
    return {
      params,
      status: 200,
      // The right to make the change is needed beside the one to read of it; "everything else" has the one, not the other.
      alongside: [{ scope: "environment", id: world.here.environment, permissions: ["UPDATE_FEATURE_STATE"] }],
      foreign: [{ what: "another project's entry", params: { ...params, id: theirs } }],
    };
  },
};
