import type { WhoMay, WhoMayTable } from "./who-may.ts";

const ORGANISATION = "/api/v1/organisations/{organisation}/";
const PROJECT = "/api/v1/projects/{project}/";
const ENVIRONMENT = "/api/v1/environments/{environment}/";

const see: WhoMay = { place: "organisation", anyOf: ["VIEW"] };
const administer: WhoMay = { place: "organisation", anyOf: [] };
const administerEnvironment: WhoMay = { place: "environment", anyOf: [] };
const person: WhoMay = { place: "person", anyOf: [] };
const groups: WhoMay = { place: "organisation", anyOf: ["MANAGE_USER_GROUPS"] };
const ownGroup: WhoMay = { ...groups, also: "And whoever looks after this group." };
const letIn: WhoMay = {
  ...groups,
  also: "And whoever looks after this group; nobody lets people into a group that may do more.",
};

/** A list with its items. */
function collection(
  path: string,
  may: WhoMay,
  item = "{id}/",
  methods = ["GET", "PUT", "PATCH", "DELETE"],
): WhoMayTable {
  const one = methods.map((method) => [`${method} ${path}${item}`, may]);
  return { [`GET ${path}`]: may, [`POST ${path}`]: may, ...Object.fromEntries(one) };
}

const deliveries = (path: string, may: WhoMay): WhoMayTable => ({
  [`GET ${path}{id}/deliveries/`]: may,
  [`GET ${path}{id}/deliveries/{delivery}/`]: may,
  [`POST ${path}{id}/deliveries/{delivery}/redeliver/`]: may,
});

const places = [
  { path: ORGANISATION, place: "organisation" },
  { path: PROJECT, place: "project" },
  { path: ENVIRONMENT, place: "environment" },
] as const;

const grants: WhoMayTable = Object.assign(
  {},
  ...places.map(({ path, place }) => {
    const admin: WhoMay = { place, anyOf: [] };
    const members: WhoMay = { place, anyOf: [], also: "Members of themselves." };
    return {
      ...collection(`${path}user-permissions/`, admin),
      ...collection(`${path}user-group-permissions/`, admin),
      [`GET ${path}my-permissions/`]: { place, anyOf: ["VIEW"] },
      [`GET ${path}user-detailed-permissions/{user}/`]: members,
      ...(place === "project" ? { [`GET ${path}all-user-permissions/{user}/`]: members } : {}),
    };
  }),
);

const ROLE = `${ORGANISATION}roles/{role}/`;
const roleParts = [
  "organisation-permissions/",
  "projects-permissions/",
  "environments-permissions/",
  "users/",
  "groups/",
  "master-api-keys/",
];

const roles: WhoMayTable = Object.assign(
  collection(`${ORGANISATION}roles/`, administer, "{role}/"),
  ...roleParts.map((part) => collection(`${ROLE}${part}`, administer)),
);

const rolesOf: WhoMayTable = Object.assign(
  {},
  ...["users", "groups", "master-api-keys"].map((of) => {
    const path = `${ORGANISATION}${of}/{of}/roles/`;
    const tail = of === "master-api-keys" ? "{role}/detach-roles-from-master-api-key/" : "{role}/";
    return { [`GET ${path}`]: administer, [`DELETE ${path}${tail}`]: administer };
  }),
);

const GROUPS = `${ORGANISATION}groups/`;
const GROUP = `${GROUPS}{id}/`;

export const rightsWhoMay: WhoMayTable = {
  ...grants,
  ...roles,
  ...rolesOf,
  "GET /api/v1/organisations/permissions/": { place: "caller", anyOf: [] },
  "GET /api/v1/projects/permissions/": { place: "caller", anyOf: [] },
  "GET /api/v1/environments/permissions/": { place: "caller", anyOf: [] },
  [`GET ${ORGANISATION}users/`]: see,
  [`POST ${ORGANISATION}users/{id}/update-role/`]: administer,
  [`POST ${ORGANISATION}remove-users/`]: { ...administer, also: "Members of themselves." },
  ...collection(`${ORGANISATION}invites/`, administer, "{id}/", ["GET", "DELETE"]),
  [`POST ${ORGANISATION}invites/{id}/resend/`]: administer,
  "POST /api/v1/organisations/{id}/invite/": administer,
  ...collection(`${ORGANISATION}invite-links/`, administer, "{id}/", ["DELETE"]),
  "POST /api/v1/users/join/{hash}/": { ...person, also: "The invitation is to their own address." },
  "POST /api/v1/users/join/link/{hash}/": person,
  ...collection(GROUPS, groups),
  [`GET ${GROUPS}summaries/`]: see,
  [`GET ${GROUPS}my-groups/`]: see,
  [`GET ${GROUP}`]: ownGroup,
  [`POST ${GROUP}add-users/`]: letIn,
  [`POST ${GROUP}remove-users/`]: ownGroup,
  [`POST ${GROUP}users/{user}/make-admin`]: groups,
  [`POST ${GROUP}users/{user}/remove-admin`]: groups,
  ...collection(`${ORGANISATION}master-api-keys/`, administer, "{prefix}/"),
  ...collection(`${ORGANISATION}trust-relationships/`, administer),
  ...collection(`${ORGANISATION}webhooks/`, administer),
  ...deliveries(`${ORGANISATION}webhooks/`, administer),
  ...collection(`${ENVIRONMENT}webhooks/`, administerEnvironment),
  ...deliveries(`${ENVIRONMENT}webhooks/`, administerEnvironment),
  ...collection(`${ENVIRONMENT}integrations/webhook/`, administerEnvironment),
  "POST /api/v1/webhooks/test/": { ...administer, also: "For an environment, its administrators." },
};
