import type { WhoMay, WhoMayTable } from "./who-may.ts";

const holding = (...anyOf: string[]): WhoMay => ({ place: "environment", anyOf });
const traits = ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS"];

const CATALOGUE = "/api/v1/environments/{key}/trait-catalogue/";

export const searchWhoMay: WhoMayTable = {
  // Traits, and queries over them, are for holders of the first four.
  "GET /api/v1/environments/{key}/identity-search/": holding(...traits, "MANAGE_IDENTITY_OVERRIDES"),
  [`GET ${CATALOGUE}`]: holding(...traits),
  [`GET ${CATALOGUE}{trait_key}/`]: holding(...traits),
  [`PATCH ${CATALOGUE}{trait_key}/`]: holding("MANAGE_IDENTITIES", "MANAGE_TRAITS"),
  [`GET ${CATALOGUE}{trait_key}/values/`]: holding(...traits),
};
