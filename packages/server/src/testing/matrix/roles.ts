import type { Call, Case, Cases } from "./case.ts";
import { groupOf, keyOf, memberOf, roleOf } from "./people.ts";
import type { Body, World } from "./world.ts";

const ROLES = "/api/v1/organisations/{organisation}/roles/";
const ROLE = `${ROLES}{role}/`;

const ours = (world: World): number => world.here.organisation;

const aboutRole =
  (more: Omit<Call, "params"> | ((world: World) => Promise<Omit<Call, "params">>)): Case =>
  async (world) => {
    const params = { organisation: ours(world), role: (await roleOf(world, ours(world))).id };
    const theirs = { ...params, role: (await roleOf(world, world.abroad.organisation)).id };
    const call = typeof more === "function" ? await more(world) : more;
    return {
      params,
      ...call,
      foreign: [{ what: "another organisation's role", params: theirs }, ...(call.foreign ?? [])],
    };
  };

/** What a role is given, or who is given it: bodies of ours and of theirs. */
interface Part {
  readonly path: string;
  readonly body: (world: World) => Promise<object> | object;
  /** Needed to list them. */
  readonly query?: (world: World) => Record<string, number>;
  /** Names something of the other organisation. */
  readonly foreign?: (world: World) => Promise<object> | object;
}

const keyed = (...keys: string[]) => keys.map((permission_key) => ({ permission_key, tags: [] }));

const PARTS: readonly Part[] = [
  { path: "organisation-permissions/", body: () => ({ permissions: ["CREATE_PROJECT"] }) },
  {
    path: "projects-permissions/",
    query: ({ here }) => ({ project: here.project }),
    body: ({ here }) => ({ project: here.project, permissions: keyed("VIEW_PROJECT"), admin: false }),
    foreign: ({ abroad }) => ({ project: abroad.project, permissions: [], admin: true }),
  },
  {
    path: "environments-permissions/",
    query: ({ here }) => ({ environment: here.environment }),
    body: ({ here }) => ({ environment: here.environment, permissions: keyed("VIEW_ENVIRONMENT"), admin: false }),
    foreign: ({ abroad }) => ({ environment: abroad.environment, permissions: [], admin: true }),
  },
  {
    path: "users/",
    body: async (world) => ({ user: await memberOf(world, ours(world)) }),
    foreign: async (world) => ({ user: await memberOf(world, world.abroad.organisation) }),
  },
  {
    path: "groups/",
    body: async (world) => ({ group: (await groupOf(world, ours(world))).id }),
    foreign: async (world) => ({ group: (await groupOf(world, world.abroad.organisation)).id }),
  },
  {
    path: "master-api-keys/",
    body: async (world) => ({ master_api_key: await keyOf(world, ours(world)) }),
    foreign: async (world) => ({ master_api_key: await keyOf(world, world.abroad.organisation) }),
  },
];

function partCases({ path, body, query, foreign }: Part): Cases {
  const aboutPart =
    (hasBody: boolean, status: number): Case =>
    async (world) => {
      const organisation = ours(world);
      const role = await roleOf(world, organisation);
      const other = await roleOf(world, organisation);
      const sent = await body(world);
      const address = `/api/v1/organisations/${organisation}/roles/${role.id}/${path}`;
      const made: Body = await world.send("POST", address, sent);
      const params = { organisation, role: role.id, id: made.id };
      return {
        params,
        body: hasBody ? sent : undefined,
        status,
        foreign: [{ what: "another role", params: { ...params, role: other.id } }],
      };
    };
  return {
    [`GET ${ROLE}${path}`]: aboutRole(async (world) => ({ query: query?.(world) ?? {}, status: 200 })),
    [`POST ${ROLE}${path}`]: aboutRole(async (world) => {
      const sent = await body(world);
      const what = "somebody else's";
      const others = foreign ? [{ what, body: await foreign(world), status: 400 }] : [];
      return { body: sent, status: 201, foreign: others };
    }),
    [`GET ${ROLE}${path}{id}/`]: aboutPart(false, 200),
    [`PUT ${ROLE}${path}{id}/`]: aboutPart(true, 200),
    [`PATCH ${ROLE}${path}{id}/`]: aboutPart(true, 200),
    [`DELETE ${ROLE}${path}{id}/`]: aboutPart(false, 204),
  };
}

/** From the holder's side. */
function holderCases(holders: "users" | "groups" | "master-api-keys"): Cases {
  const path = `/api/v1/organisations/{organisation}/${holders}/{of}/roles/`;
  const tail = holders === "master-api-keys" ? "detach-roles-from-master-api-key/" : "";
  const holder = async (world: World): Promise<string | number> => {
    if (holders === "users") return memberOf(world, ours(world));
    return holders === "groups" ? (await groupOf(world, ours(world))).id : keyOf(world, ours(world));
  };
  const field = { users: "user", groups: "group", "master-api-keys": "master_api_key" }[holders];
  return {
    [`GET ${path}`]: async (world) => ({ params: { organisation: ours(world), of: await holder(world) }, status: 200 }),
    [`DELETE ${path}{role}/${tail}`]: async (world) => {
      const of = await holder(world);
      const role = await roleOf(world, ours(world));
      const other = await roleOf(world, ours(world));
      const address = `/api/v1/organisations/${ours(world)}/roles/${role.id}/${holders}/`;
      await world.send("POST", address, { [field]: of });
      const params = { organisation: ours(world), of, role: role.id };
      return { params, status: 204, foreign: [{ what: "a role it has not", params: { ...params, role: other.id } }] };
    },
  };
}

export const roleCases: Cases = Object.assign(
  {
    [`GET ${ROLES}`]: (world: World) => ({ params: { organisation: ours(world) }, status: 200 }),
    [`POST ${ROLES}`]: (world: World) => ({
      params: { organisation: ours(world) },
      body: { name: world.fresh("new"), description: null },
      status: 201,
    }),
    [`GET ${ROLE}`]: aboutRole({ status: 200 }),
    [`PUT ${ROLE}`]: aboutRole(async (world) => ({ body: { name: world.fresh("renamed") }, status: 200 })),
    [`PATCH ${ROLE}`]: aboutRole({ body: { description: "Changed" }, status: 200 }),
    [`DELETE ${ROLE}`]: aboutRole({ status: 204 }),
  },
  ...PARTS.map(partCases),
  ...(["users", "groups", "master-api-keys"] as const).map(holderCases),
);
