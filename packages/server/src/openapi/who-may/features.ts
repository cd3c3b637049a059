import type { WhoMay, WhoMayTable } from "./who-may.ts";

const seeProject: WhoMay = { place: "project", anyOf: ["VIEW"] };
const administerProject: WhoMay = { place: "project", anyOf: [] };
const create: WhoMay = { place: "project", anyOf: ["CREATE_FEATURE"] };

const ALL = "/api/v1/projects/{project}/features/";
const ONE = `${ALL}{id}/`;
const OPTIONS = `${ALL}{feature}/mv-options/`;

const features: WhoMayTable = {
  [`GET ${ALL}`]: seeProject,
  [`POST ${ALL}`]: create,
  "GET /api/v1/features/get-by-uuid/{uuid}/": seeProject,
  [`GET ${ONE}`]: seeProject,
  [`PUT ${ONE}`]: create,
  [`PATCH ${ONE}`]: create,
  [`DELETE ${ONE}`]: { place: "project", anyOf: ["DELETE_FEATURE"] },
  [`POST ${ONE}add-owners/`]: create,
  [`POST ${ONE}remove-owners/`]: create,
  [`POST ${ONE}add-group-owners/`]: create,
  [`POST ${ONE}remove-group-owners/`]: create,
  [`GET ${ONE}evaluation-data/`]: { place: "environment", anyOf: ["VIEW"], also: "They must see the project, too." },
  [`GET ${OPTIONS}`]: seeProject,
  "GET /api/v1/multivariate/options/get-by-uuid/{uuid}/": seeProject,
  [`GET ${OPTIONS}{id}/`]: seeProject,
  [`POST ${OPTIONS}`]: administerProject,
  [`PUT ${OPTIONS}{id}/`]: administerProject,
  [`PATCH ${OPTIONS}{id}/`]: administerProject,
  [`DELETE ${OPTIONS}{id}/`]: administerProject,
};

const see: WhoMay = { place: "environment", anyOf: ["VIEW"] };
const update: WhoMay = { place: "environment", anyOf: ["UPDATE_FEATURE_STATE"] };
const override: WhoMay = { place: "environment", anyOf: ["MANAGE_SEGMENT_OVERRIDES"] };
const either: WhoMay = {
  place: "environment",
  anyOf: ["UPDATE_FEATURE_STATE", "MANAGE_SEGMENT_OVERRIDES"],
  also: "The first is for the default, the second for segment overrides; who writes both needs both.",
};

const STATES = "/api/v1/environments/{key}/featurestates/";
const TYPED = "/api/v1/features/featurestates/";
const TIES = "/api/v1/features/feature-segments/";
const FLAG = "/api/__future__/environments/{key}/features/{feature}/";

const states: WhoMayTable = {
  [`GET ${STATES}`]: { ...see, also: "anyIdentity takes the right to see identities." },
  [`GET ${STATES}{id}/`]: see,
  [`PUT ${STATES}{id}/`]: update,
  [`PATCH ${STATES}{id}/`]: update,
  [`GET ${TYPED}`]: see,
  [`GET ${TYPED}get-by-uuid/{uuid}/`]: see,
  [`POST ${TYPED}`]: override,
  [`PUT ${TYPED}{id}/`]: either,
  [`PATCH ${TYPED}{id}/`]: either,
  [`GET ${TIES}`]: see,
  [`GET ${TIES}get-by-uuid/{uuid}/`]: see,
  [`GET ${TIES}{id}/`]: see,
  [`POST ${TIES}`]: override,
  [`POST ${TIES}update-priorities/`]: override,
  [`PUT ${TIES}{id}/`]: override,
  [`PATCH ${TIES}{id}/`]: override,
  [`DELETE ${TIES}{id}/`]: override,
  "POST /api/v1/environments/{key}/features/{feature}/create-segment-override/": override,
  [`GET ${FLAG}`]: see,
  [`PUT ${FLAG}`]: either,
  [`PATCH ${FLAG}`]: either,
  [`DELETE ${FLAG}segment-overrides/{segment}/`]: override,
};

const administer: WhoMay = { place: "environment", anyOf: [] };
const VERSIONS = "/api/v1/environments/{environment}/features/{feature}/versions/";
const administered = { ...seeProject, also: "The list holds those of environments that they administer." };

const transfers: WhoMayTable = {
  "POST /api/v1/features/create-feature-export/": administer,
  "GET /api/v1/features/download-feature-export/{id}/": administer,
  "POST /api/v1/features/feature-import/{environment}": administerProject,
  "GET /api/v1/projects/{project}/feature-exports/": administered,
  "GET /api/v1/projects/{project}/feature-imports/": administered,
  [`GET ${VERSIONS}`]: see,
  [`POST ${VERSIONS}`]: update,
};

export const featuresWhoMay: WhoMayTable = { ...features, ...states, ...transfers };
