import type { Cases } from "./case.ts";
import type { Place, World } from "./world.ts";

/** An entry of an environment's project. */
async function entryIn(world: World, { project }: Place): Promise<number> {
  await world.send("POST", `/api/v1/projects/${project}/tags/`, { label: world.fresh("tag") });
  const row = await world.db.kysely
    .selectFrom("audit")
    .select("id")
    .where("project_id", "=", project)
    .orderBy("id", "desc")
    .executeTakeFirstOrThrow();
  return row.id;
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
};
