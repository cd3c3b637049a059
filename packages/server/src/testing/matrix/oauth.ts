import { createPerson } from "../test-person.ts";
import type { Call, Case, Cases } from "./case.ts";
import type { Body, World } from "./world.ts";

const AUTHORISE = "/api/v1/oauth/authorize/";
const TRUST = "/api/v1/organisations/{organisation}/trust-relationships/";

const asked = {
  response_type: "code",
  client_id: "flagsmith-cli",
  redirect_uri: "http://127.0.0.1:4321/callback",
  scope: "management-api",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};

const person = (world: World) =>
  createPerson(world.app, {
    email: `${world.fresh("consenting")}@example.com`,
    organisationId: world.here.organisation,
  });

const trust = (world: World) => ({
  name: "CI",
  issuer: `https://issuer.example.com/${world.fresh("issuer")}`,
  audience: "burgee",
  claim_rules: [{ claim: "sub", values: ["repo:burgee/*"] }],
});

const aboutTrust =
  (call: (world: World) => Omit<Call, "params">): Case =>
  async (world) => {
    const organisation = world.here.organisation;
    const path = (id: number) => `/api/v1/organisations/${id}/trust-relationships/`;
    const made = await world.send<Body>("POST", path(organisation), trust(world));
    const theirs = await world.stranger.call("POST", path(world.abroad.organisation), trust(world));
    const params = { organisation, id: made.id };
    const foreign = { what: "another organisation's", params: { organisation, id: (theirs.body as Body).id } };
    return { params, ...call(world), foreign: [foreign] };
  };

export const oauthCases: Cases = {
  "GET /.well-known/oauth-authorization-server": () => ({ status: 200 }),
  [`GET ${AUTHORISE}`]: async (world) => ({ person: await person(world), query: asked, status: 200 }),
  [`POST ${AUTHORISE}`]: async (world) => ({
    person: await person(world),
    body: { ...asked, allow: true },
    status: 200,
  }),
  "POST /o/token/": () => ({ body: { grant_type: "refresh_token", refresh_token: "made up" }, status: 400 }),
  "POST /o/revoke_token/": () => ({ body: { token: "made up" }, status: 200 }),
  "POST /o/register/": () => ({
    body: { client_name: "Editor", redirect_uris: ["https://editor.example.com/callback"] },
    status: 201,
  }),
  "POST /api/v1/auth/oidc/token/": () => ({ body: { token: "made up" }, status: 400 }),
  [`GET ${TRUST}`]: (world) => ({ params: { organisation: world.here.organisation }, status: 200 }),
  [`POST ${TRUST}`]: (world) => ({
    params: { organisation: world.here.organisation },
    body: trust(world),
    status: 201,
  }),
  [`GET ${TRUST}{id}/`]: aboutTrust(() => ({ status: 200 })),
  [`PUT ${TRUST}{id}/`]: aboutTrust((world) => ({ body: trust(world), status: 200 })),
  [`PATCH ${TRUST}{id}/`]: aboutTrust(() => ({ body: { name: "Renamed" }, status: 200 })),
  [`DELETE ${TRUST}{id}/`]: aboutTrust(() => ({ status: 204 })),
};
