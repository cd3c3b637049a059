import type { WhoMay, WhoMayTable } from "./who-may.ts";

const see: WhoMay = { place: "organisation", anyOf: ["VIEW"] };
const administer: WhoMay = { place: "organisation", anyOf: [] };

const ALL = "/api/v1/organisations/";
const ONE = `${ALL}{id}/`;

export const organisationsWhoMay: WhoMayTable = {
  [`GET ${ALL}`]: { place: "caller", anyOf: [] },
  [`POST ${ALL}`]: { place: "person", anyOf: [] },
  [`GET ${ALL}get-by-uuid/{uuid}/`]: see,
  [`GET ${ONE}`]: see,
  [`PUT ${ONE}`]: administer,
  [`PATCH ${ONE}`]: administer,
  [`DELETE ${ONE}`]: administer,
  [`GET ${ONE}get-subscription-metadata/`]: see,
  [`GET ${ONE}usage-data/`]: { ...see, also: "What they filter by they must be able to see." },
  [`GET ${ONE}usage-data/total-count/`]: see,
  [`GET ${ONE}projects/`]: { ...see, also: "The list holds the projects that they may see." },
};
