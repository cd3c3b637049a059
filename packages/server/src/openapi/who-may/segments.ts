import type { WhoMay, WhoMayTable } from "./who-may.ts";

const see: WhoMay = { place: "project", anyOf: ["VIEW"] };
const seeTraits: WhoMay = {
  place: "environment",
  anyOf: ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS"],
};
const manage: WhoMay = { place: "project", anyOf: ["MANAGE_SEGMENTS"] };

const ALL = "/api/v1/projects/{project}/segments/";
const ONE = `${ALL}{id}/`;

export const segmentsWhoMay: WhoMayTable = {
  [`GET ${ALL}`]: { ...see, also: "With an identity, it takes the right to see that one's traits." },
  [`POST ${ALL}`]: manage,
  "GET /api/v1/segments/get-by-uuid/{uuid}/": see,
  [`GET ${ONE}`]: see,
  [`PUT ${ONE}`]: manage,
  [`PATCH ${ONE}`]: manage,
  [`DELETE ${ONE}`]: manage,
  [`POST ${ONE}clone/`]: manage,
  [`GET ${ONE}associated-features/`]: see,
  [`GET ${ONE}members/`]: { ...seeTraits, also: "The project must be visible too." },
  [`GET ${ONE}where-used/`]: see,
  "POST /api/v1/environments/{environment}/segment-preview/": seeTraits,
};
