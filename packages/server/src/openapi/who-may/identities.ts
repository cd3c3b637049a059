import type { WhoMay, WhoMayTable } from "./who-may.ts";

const holding = (...anyOf: string[]): WhoMay => ({ place: "environment", anyOf });

const view = holding("VIEW_IDENTITIES", "MANAGE_IDENTITIES");
const manage = holding("MANAGE_IDENTITIES");
const viewTraits = holding("VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS");
const manageTraits = holding("MANAGE_IDENTITIES", "MANAGE_TRAITS");
const viewOverrides = holding("VIEW_IDENTITIES", "MANAGE_IDENTITIES", "MANAGE_IDENTITY_OVERRIDES");
const override = holding("UPDATE_FEATURE_STATE", "MANAGE_IDENTITY_OVERRIDES");
const overrideAnybody: WhoMay = { ...override, also: "They need no right to make the identity where there is none." };
const remove = holding("MANAGE_IDENTITIES", "DELETE_IDENTITIES");
/** Traits, and what tells them, are for holders of the first four. */
const see = holding(
  "VIEW_IDENTITIES",
  "MANAGE_IDENTITIES",
  "VIEW_TRAITS",
  "MANAGE_TRAITS",
  "MANAGE_IDENTITY_OVERRIDES",
);

const ALL = "/api/v1/environments/{key}/identities/";
const ONE = `${ALL}{identity}/`;
const HOSTED = "/api/v1/environments/environments/{key}/edge-identities-featurestates";
const RECORD = `${ALL}by-identifier/{identifier}/`;

export const identitiesWhoMay: WhoMayTable = {
  [`GET ${ALL}`]: view,
  [`POST ${ALL}`]: manage,
  [`GET ${ONE}`]: view,
  [`PUT ${ONE}`]: manage,
  [`PATCH ${ONE}`]: manage,
  [`DELETE ${ONE}`]: remove,
  [`GET ${ONE}traits/`]: viewTraits,
  [`POST ${ONE}traits/`]: manageTraits,
  [`GET ${ONE}traits/{id}/`]: viewTraits,
  [`PUT ${ONE}traits/{id}/`]: manageTraits,
  [`PATCH ${ONE}traits/{id}/`]: manageTraits,
  [`DELETE ${ONE}traits/{id}/`]: manageTraits,
  "GET /api/v1/environments/{key}/trait-keys/": viewTraits,
  "POST /api/v1/environments/{key}/delete-traits/": manageTraits,
  [`GET ${ONE}featurestates/`]: viewOverrides,
  [`POST ${ONE}featurestates/`]: override,
  [`GET ${ONE}featurestates/all/`]: holding("VIEW"),
  [`POST ${ONE}featurestates/clone-from-given-identity/`]: override,
  [`GET ${ONE}featurestates/{id}/`]: viewOverrides,
  [`PUT ${ONE}featurestates/{id}/`]: override,
  [`PATCH ${ONE}featurestates/{id}/`]: override,
  [`DELETE ${ONE}featurestates/{id}/`]: override,
  [`GET ${RECORD}`]: see,
  [`PUT ${RECORD}`]: manage,
  [`PATCH ${RECORD}`]: manageTraits,
  [`DELETE ${RECORD}`]: remove,
  [`PUT ${RECORD}traits/{trait_key}/`]: manageTraits,
  [`DELETE ${RECORD}traits/{trait_key}/`]: manageTraits,
  [`GET ${RECORD}overrides/`]: viewOverrides,
  [`POST ${RECORD}overrides/clone/`]: overrideAnybody,
  [`GET ${RECORD}overrides/{feature}/`]: viewOverrides,
  [`PUT ${RECORD}overrides/{feature}/`]: overrideAnybody,
  [`DELETE ${RECORD}overrides/{feature}/`]: override,
  [`GET ${RECORD}explain/`]: see,
  [`GET ${RECORD}segments/`]: viewTraits,
  "GET /api/v1/environments/{key}/overrides/": viewOverrides,
  "GET /api/v1/environments/{key}/edge-identity-overrides": viewOverrides,
  [`PUT ${HOSTED}`]: overrideAnybody,
  [`DELETE ${HOSTED}`]: override,
  "POST /api/v1/environments/{key}/explain/": see,
};
