/** Letting programs act for a person (OAuth 2.1: authorisation code with PKCE), and workloads act for an organisation. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

const text = (maxLength = 2000) => drf.string({ maxLength, allowBlank: true }).optional();

/** As RFC 6749 and RFC 7636 name them; what is missing or wrong is answered in their words. */
const request = {
  response_type: text(50),
  client_id: text(200),
  redirect_uri: text(),
  scope: text(500).describe("Names what is asked for, separated by spaces."),
  state: text(),
  code_challenge: text(200),
  code_challenge_method: text(20).describe("S256."),
};

export const authoriseQuery = drf.object(request);
export type AuthoriseRequest = z.output<typeof authoriseQuery>;
export const consentInput = drf.object({ ...request, allow: drf.boolean() });

export const authoriseSchema = z.object({
  application: z.object({ name: z.string(), client_id: z.string() }),
  scopes: z.record(z.string(), z.string()).describe("What is asked for, with what it means."),
  redirect_uri: z.string(),
  is_verified: z.boolean().describe("The program came with this server; otherwise it named itself."),
});
export const consentSchema = z.object({ redirect_uri: z.string().describe("Where the browser goes next.") });

export const tokenInput = drf.object({
  grant_type: text(50).describe("authorization_code or refresh_token."),
  client_id: text(200),
  code: text(500),
  redirect_uri: text(),
  code_verifier: text(200),
  refresh_token: text(500),
});
export const bearerSchema = z.object({
  access_token: z.string().describe("For `Authorization: Bearer TOKEN`."),
  token_type: z.literal("Bearer"),
  expires_in: z.int().describe("Seconds."),
  refresh_token: z.string().describe("For the next one; this one works no more then."),
  scope: z.string(),
});

export const revokeInput = drf.object({ token: text(500), token_type_hint: text(50), client_id: text(200) });
export const emptySchema = z.object({});

export const registerInput = drf.object({
  client_name: text(255),
  redirect_uris: z.unknown().optional().describe("List of one to five addresses."),
  grant_types: z.unknown().optional().describe("List of authorization_code and refresh_token."),
  response_types: z.unknown().optional().describe("List of code."),
  token_endpoint_auth_method: text(50),
});
export const registeredSchema = z.object({
  client_id: z.string(),
  client_name: z.string(),
  redirect_uris: z.array(z.string()),
  grant_types: z.array(z.string()),
  response_types: z.array(z.string()),
  token_endpoint_auth_method: z.string(),
  client_id_issued_at: z.int(),
});

export const serverMetadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string(),
  revocation_endpoint: z.string(),
  scopes_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  code_challenge_methods_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
});

export const exchangeInput = drf.object({
  token: drf.string({ maxLength: 20_000 }).describe("The platform's ID token."),
});
export const exchangedSchema = z.object({
  access_token: z.string().describe("For `Authorization: Bearer TOKEN`."),
  token_type: z.literal("Bearer"),
  expires_in: z.int().describe("Seconds."),
});
