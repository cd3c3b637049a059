import type { WhoMay, WhoMayTable } from "./who-may.ts";

const holding = (also: string | undefined, ...anyOf: string[]): WhoMay => ({
  place: "environment",
  anyOf,
  ...(also === undefined ? {} : { also }),
});

const override = ["UPDATE_FEATURE_STATE", "MANAGE_IDENTITY_OVERRIDES"];
const traits = ["MANAGE_IDENTITIES", "MANAGE_TRAITS"];
const view = ["VIEW_IDENTITIES", "MANAGE_IDENTITIES"];
const every = [...new Set([...override, ...traits, ...view, "DELETE_IDENTITIES", "VIEW_TRAITS"])];

const LIST = "/api/v1/environments/{key}/jobs/";
const ONE = `${LIST}{id}/`;
const ofItsType = "For each type of job the permission of what it does.";

export const jobsWhoMay: WhoMayTable = {
  [`POST ${LIST}`]: holding(`${ofItsType} Searches and "all" need VIEW_IDENTITIES too.`, ...every),
  [`GET ${LIST}`]: holding("The list holds the jobs that they may ask for, or all to whoever sees identities.", "VIEW"),
  [`GET ${ONE}`]: holding(`${ofItsType} Or VIEW_IDENTITIES.`, ...every),
  [`POST ${ONE}cancel/`]: holding(ofItsType, ...every),
  [`GET ${ONE}result/`]: holding(undefined, ...view),
  "POST /api/v1/environments/{key}/identity-imports/": holding(
    "Rows with overrides need UPDATE_FEATURE_STATE or MANAGE_IDENTITY_OVERRIDES too.",
    "MANAGE_IDENTITIES",
  ),
  "GET /api/v1/environments/{key}/retention-preview/": holding(undefined, ...view),
  "POST /api/v1/organisations/{id}/subject-access/": { place: "organisation", anyOf: [] },
  "POST /api/v1/organisations/{id}/erasure/": { place: "organisation", anyOf: [] },
};
