import type { WhoMay, WhoMayTable } from "./who-may.ts";

const see: WhoMay = { place: "project", anyOf: ["VIEW"] };
const administer: WhoMay = { place: "project", anyOf: [] };
const tags: WhoMay = { place: "project", anyOf: ["MANAGE_TAGS"] };

const ALL = "/api/v1/projects/";
const ONE = `${ALL}{id}/`;
const TAGS = `${ALL}{project}/tags/`;

export const projectsWhoMay: WhoMayTable = {
  [`GET ${ALL}`]: { place: "caller", anyOf: [] },
  [`POST ${ALL}`]: {
    place: "organisation",
    anyOf: ["CREATE_PROJECT"],
    also: "Where the organisation says so, only its administrators.",
  },
  [`GET ${ALL}get-by-uuid/{uuid}/`]: see,
  [`GET ${ONE}`]: see,
  [`GET ${ONE}environments/`]: { ...see, also: "The list holds the environments that they may see." },
  [`PUT ${ONE}`]: administer,
  [`PATCH ${ONE}`]: administer,
  [`DELETE ${ONE}`]: administer,
  [`GET ${TAGS}`]: see,
  [`GET ${TAGS}get-by-uuid/{uuid}/`]: see,
  [`GET ${TAGS}{id}/`]: see,
  [`POST ${TAGS}`]: tags,
  [`PUT ${TAGS}{id}/`]: tags,
  [`PATCH ${TAGS}{id}/`]: tags,
  [`DELETE ${TAGS}{id}/`]: tags,
};
