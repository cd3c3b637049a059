import type { WhoMay, WhoMayTable } from "./who-may.ts";

const see: WhoMay = { place: "project", anyOf: ["VIEW"] };
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
  [`GET ${ONE}where-used/`]: see,
};
