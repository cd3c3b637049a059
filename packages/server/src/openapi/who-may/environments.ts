import type { WhoMay, WhoMayTable } from "./who-may.ts";

const see: WhoMay = { place: "environment", anyOf: ["VIEW"] };
const administer: WhoMay = { place: "environment", anyOf: [] };

const ALL = "/api/v1/environments/";
const ONE = `${ALL}{key}/`;

export const environmentsWhoMay: WhoMayTable = {
  [`GET ${ALL}`]: { place: "project", anyOf: ["VIEW"], also: "The list holds the environments that they may see." },
  [`POST ${ALL}`]: { place: "project", anyOf: ["CREATE_ENVIRONMENT"] },
  [`GET ${ALL}get-by-uuid/{uuid}/`]: see,
  [`GET ${ONE}`]: see,
  [`PUT ${ONE}`]: administer,
  [`PATCH ${ONE}`]: administer,
  [`DELETE ${ONE}`]: administer,
  [`GET ${ONE}metrics/`]: see,
  [`GET ${ONE}usage/`]: see,
  [`GET ${ONE}document/`]: administer,
  [`POST ${ONE}clone/`]: {
    place: "project",
    anyOf: ["CREATE_ENVIRONMENT"],
    also: "They must be able to see the environment, too.",
  },
  [`POST ${ONE}enable-v2-versioning/`]: administer,
  [`POST ${ONE}disable-v2-versioning/`]: administer,
  [`GET ${ONE}api-keys/`]: administer,
  [`POST ${ONE}api-keys/`]: administer,
  [`PUT ${ONE}api-keys/{id}/`]: administer,
  [`PATCH ${ONE}api-keys/{id}/`]: administer,
  [`DELETE ${ONE}api-keys/{id}/`]: administer,
};
