import { createPerson } from "../test-person.ts";
import type { Call, Case, Cases } from "./case.ts";
import { groupOf, memberOf } from "./people.ts";
import type { Place, World } from "./world.ts";

type Scope = "organisation" | "project" | "environment";

const PERMISSION = {
  organisation: "CREATE_PROJECT",
  project: "VIEW_PROJECT",
  environment: "VIEW_ENVIRONMENT",
} as const;

const NAMES = { organisation: "organisations", project: "projects", environment: "environments" } as const;

/** How a path names the place. */
const nameOf = (scope: Scope, place: Place): string | number => (scope === "environment" ? place.key : place[scope]);

const elsewhere = (scope: Scope, world: World): Place =>
  ({ organisation: world.abroad, project: world.downTheRoad, environment: world.nextDoor })[scope];

const subjectOf = async (world: World, subject: "user" | "group", organisation: number): Promise<number> =>
  subject === "user" ? memberOf(world, organisation) : (await groupOf(world, organisation)).id;

function grantCases(scope: Scope, subject: "user" | "group"): Cases {
  const base = `/api/v1/${NAMES[scope]}/{${scope}}/`;
  const path = `${base}${subject === "user" ? "user" : "user-group"}-permissions/`;
  const permissions = [PERMISSION[scope]];

  const grantAt = async (world: World, place: Place) => {
    const id = await subjectOf(world, subject, place.organisation);
    const address = path.replace(`{${scope}}`, String(nameOf(scope, place)));
    return { subject: id, grant: await world.send("POST", address, { [subject]: id, permissions }) };
  };

  const aboutGrant =
    (bodyOf: (subjectId: number) => unknown, status: number): Case =>
    async (world) => {
      const mine = await grantAt(world, world.here);
      const params = { [scope]: nameOf(scope, world.here), id: mine.grant.id };
      const foreign = [
        { what: "another place", params: { ...params, [scope]: nameOf(scope, elsewhere(scope, world)) } },
      ];
      return { params, body: bodyOf(mine.subject), status, foreign };
    };

  const none = () => undefined;
  return {
    [`GET ${path}`]: ({ here }) => ({ params: { [scope]: nameOf(scope, here) }, status: 200 }),
    [`POST ${path}`]: async (world) => {
      const ours = await subjectOf(world, subject, world.here.organisation);
      const theirs = await subjectOf(world, subject, world.abroad.organisation);
      const what = `another organisation's ${subject}`;
      return {
        params: { [scope]: nameOf(scope, world.here) },
        body: { [subject]: ours, permissions },
        status: 201,
        foreign: [{ what, body: { [subject]: theirs, permissions }, status: 400 }],
      };
    },
    [`GET ${path}{id}/`]: aboutGrant(none, 200),
    [`PUT ${path}{id}/`]: aboutGrant((id) => ({ [subject]: id, permissions: [] }), 200),
    [`PATCH ${path}{id}/`]: aboutGrant(() => ({ permissions: [] }), 200),
    [`DELETE ${path}{id}/`]: aboutGrant(none, 204),
  };
}

/** What a member may do somewhere: for administrators, and for the member. */
function effectiveCases(scope: Scope): Cases {
  const base = `/api/v1/${NAMES[scope]}/{${scope}}/`;
  const aboutMember: Case = async (world): Promise<Call> => {
    const user = await memberOf(world, world.here.organisation);
    const stranger = await memberOf(world, world.abroad.organisation);
    const params = { [scope]: nameOf(scope, world.here), user };
    return {
      params,
      status: 200,
      foreign: [{ what: "another organisation's member", params: { ...params, user: stranger } }],
    };
  };
  return {
    [`GET ${base}my-permissions/`]: ({ here }) => ({ params: { [scope]: nameOf(scope, here) }, status: 200 }),
    [`GET ${base}user-detailed-permissions/{user}/`]: aboutMember,
    ...(scope === "project" ? { [`GET ${base}all-user-permissions/{user}/`]: aboutMember } : {}),
  };
}

const catalogues: Cases = Object.fromEntries(
  Object.values(NAMES).map((name) => [`GET /api/v1/${name}/permissions/`, () => ({ status: 200 })]),
);

const invited = async (world: World) =>
  createPerson(world.app, {
    email: `${world.fresh("invited")}@example.com`,
    organisationId: world.abroad.organisation,
  });

const hashOf = (link: unknown): string => String(link).split("/").filter(Boolean).at(-1) ?? "";

const joining: Cases = {
  "POST /api/v1/users/join/{hash}/": async (world) => {
    const person = await invited(world);
    const path = `/api/v1/organisations/${world.here.organisation}/invites/`;
    const { link } = await world.send("POST", path, { email: person.email });
    return { person, params: { hash: hashOf(link) }, status: 200 };
  },
  "POST /api/v1/users/join/link/{hash}/": async (world) => {
    const path = `/api/v1/organisations/${world.here.organisation}/invite-links/`;
    const { hash } = await world.send("POST", path, { role: "USER" });
    return { person: await invited(world), params: { hash: String(hash) }, status: 200 };
  },
};

export const grantsCases: Cases = Object.assign(
  {},
  catalogues,
  joining,
  ...(["organisation", "project", "environment"] as const).flatMap((scope) => [
    grantCases(scope, "user"),
    grantCases(scope, "group"),
    effectiveCases(scope),
  ]),
);
