import type { Call, Case, Cases } from "./case.ts";
import { groupOf, keyOf, memberOf } from "./people.ts";
import type { Body, World } from "./world.ts";

const ORGANISATION = "/api/v1/organisations/{organisation}/";
const GROUPS = `${ORGANISATION}groups/`;
const GROUP = `${GROUPS}{id}/`;

const ours = ({ here }: World): number => here.organisation;
const inOurs = (world: World) => ({ organisation: ours(world) });
const address = (world: World, path: string): string => `/api/v1/organisations/${ours(world)}/${path}`;

const members: Cases = {
  [`GET ${ORGANISATION}users/`]: (world) => ({ params: inOurs(world), status: 200 }),
  [`POST ${ORGANISATION}users/{id}/update-role/`]: async (world) => {
    const params = { ...inOurs(world), id: await memberOf(world, ours(world)) };
    const theirs = { ...params, id: await memberOf(world, world.abroad.organisation) };
    return {
      params,
      body: { role: "ADMIN" },
      status: 200,
      foreign: [{ what: "another organisation's member", params: theirs }],
    };
  },
  [`POST ${ORGANISATION}remove-users/`]: async (world) => {
    const theirs = await memberOf(world, world.abroad.organisation);
    return {
      params: inOurs(world),
      body: [{ id: await memberOf(world, ours(world)) }],
      status: 200,
      foreign: [{ what: "another organisation's member", body: [{ id: theirs }], status: 400 }],
    };
  },
};

const invite = (world: World): Promise<Body> =>
  world.send("POST", address(world, "invites/"), { email: `${world.fresh("invited")}@example.com` });

const aboutInvite =
  (call: Omit<Call, "params">): Case =>
  async (world) => {
    const params = { ...inOurs(world), id: (await invite(world)).id };
    const body = { email: `${world.fresh("invited")}@example.com` };
    const path = `/api/v1/organisations/${world.abroad.organisation}/invites/`;
    const theirs = (await world.stranger.call("POST", path, body)).body as Body;
    return { params, ...call, foreign: [{ what: "another organisation's", params: { ...params, id: theirs.id } }] };
  };

const foreignGroups = async (world: World) => [(await groupOf(world, world.abroad.organisation)).id];

const invitations: Cases = {
  [`GET ${ORGANISATION}invites/`]: (world) => ({ params: inOurs(world), status: 200 }),
  [`POST ${ORGANISATION}invites/`]: async (world) => {
    const email = `${world.fresh("invited")}@example.com`;
    const body = { email, permission_groups: await foreignGroups(world) };
    const foreign = [{ what: "another organisation's group", body, status: 400 }];
    return { params: inOurs(world), body: { email: `${world.fresh("x")}@example.com` }, status: 201, foreign };
  },
  [`GET ${ORGANISATION}invites/{id}/`]: aboutInvite({ status: 200 }),
  [`DELETE ${ORGANISATION}invites/{id}/`]: aboutInvite({ status: 204 }),
  [`POST ${ORGANISATION}invites/{id}/resend/`]: aboutInvite({ body: {}, status: 200 }),
  "POST /api/v1/organisations/{id}/invite/": (world) => ({
    params: { id: ours(world) },
    body: { emails: [`${world.fresh("invited")}@example.com`] },
    status: 200,
  }),
  [`GET ${ORGANISATION}invite-links/`]: (world) => ({ params: inOurs(world), status: 200 }),
  [`POST ${ORGANISATION}invite-links/`]: (world) => ({ params: inOurs(world), body: { role: "USER" }, status: 201 }),
  [`DELETE ${ORGANISATION}invite-links/{id}/`]: async (world) => {
    const made = await world.send("POST", address(world, "invite-links/"), { role: "USER" });
    return { params: { ...inOurs(world), id: made.id }, status: 204 };
  },
};

const aboutGroup =
  (more: Omit<Call, "params"> | ((world: World) => Promise<Omit<Call, "params">>)): Case =>
  async (world) => {
    const params = { ...inOurs(world), id: (await groupOf(world, ours(world))).id };
    const theirs = { ...params, id: (await groupOf(world, world.abroad.organisation)).id };
    const call = typeof more === "function" ? await more(world) : more;
    return {
      params,
      ...call,
      foreign: [{ what: "another organisation's group", params: theirs }, ...(call.foreign ?? [])],
    };
  };

const withUsers = async (world: World) => ({
  body: { user_ids: [await memberOf(world, ours(world))] },
  status: 200,
  foreign: [
    {
      what: "another organisation's member",
      body: { user_ids: [await memberOf(world, world.abroad.organisation)] },
      status: 400,
    },
  ],
});

const aboutGroupAdmin: Case = async (world) => {
  const group = await groupOf(world, ours(world));
  const user = await memberOf(world, ours(world));
  const outsider = await memberOf(world, ours(world));
  await world.send("POST", address(world, `groups/${group.id}/add-users/`), { user_ids: [user] });
  const params = { ...inOurs(world), id: group.id, user };
  return {
    params,
    status: 200,
    foreign: [{ what: "somebody outside the group", params: { ...params, user: outsider } }],
  };
};

const groups: Cases = {
  [`GET ${GROUPS}`]: (world) => ({ params: inOurs(world), status: 200 }),
  [`POST ${GROUPS}`]: (world) => ({ params: inOurs(world), body: { name: world.fresh("new") }, status: 201 }),
  [`GET ${GROUPS}summaries/`]: (world) => ({ params: inOurs(world), status: 200 }),
  [`GET ${GROUPS}my-groups/`]: (world) => ({ params: inOurs(world), status: 200 }),
  [`GET ${GROUP}`]: aboutGroup({ status: 200 }),
  [`PUT ${GROUP}`]: aboutGroup(async (world) => ({ body: { name: world.fresh("renamed") }, status: 200 })),
  [`PATCH ${GROUP}`]: aboutGroup(async (world) => ({ body: { external_id: world.fresh("directory") }, status: 200 })),
  [`DELETE ${GROUP}`]: aboutGroup({ status: 204 }),
  [`POST ${GROUP}add-users/`]: aboutGroup(withUsers),
  [`POST ${GROUP}remove-users/`]: aboutGroup(withUsers),
  [`POST ${GROUP}users/{user}/make-admin`]: aboutGroupAdmin,
  [`POST ${GROUP}users/{user}/remove-admin`]: aboutGroupAdmin,
};

const KEYS = `${ORGANISATION}master-api-keys/`;

const aboutKey =
  (call: Omit<Call, "params">): Case =>
  async (world) => {
    const params = { ...inOurs(world), prefix: await keyOf(world, ours(world)) };
    const theirs = { ...params, prefix: await keyOf(world, world.abroad.organisation) };
    return { params, ...call, foreign: [{ what: "another organisation's key", params: theirs }] };
  };

const keys: Cases = {
  [`GET ${KEYS}`]: (world) => ({ params: inOurs(world), status: 200 }),
  [`POST ${KEYS}`]: (world) => ({ params: inOurs(world), body: { name: "New", is_admin: true }, status: 201 }),
  [`GET ${KEYS}{prefix}/`]: aboutKey({ status: 200 }),
  [`PUT ${KEYS}{prefix}/`]: aboutKey({ body: { name: "Renamed" }, status: 200 }),
  [`PATCH ${KEYS}{prefix}/`]: aboutKey({ body: { revoked: true }, status: 200 }),
  [`DELETE ${KEYS}{prefix}/`]: aboutKey({ status: 204 }),
};

export const memberCases: Cases = { ...members, ...invitations, ...groups, ...keys };
