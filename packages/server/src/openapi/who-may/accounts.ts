import type { WhoMay, WhoMayTable } from "./who-may.ts";

const anybody: WhoMay = { place: "anybody", anyOf: [] };
const oneself: WhoMay = { place: "person", anyOf: [] };

const AUTH = "/api/v1/auth/";
const USERS = `${AUTH}users/`;

export const accountsWhoMay: WhoMayTable = {
  "GET /api/v1/setup/": anybody,
  "GET /api/v1/setup/{token}/": anybody,
  "POST /api/v1/setup/{token}/": anybody,
  [`POST ${AUTH}login/`]: anybody,
  [`POST ${AUTH}login/code/`]: anybody,
  [`POST ${AUTH}logout/`]: oneself,
  [`DELETE ${AUTH}token/`]: oneself,
  [`POST ${USERS}`]: { ...anybody, also: "An invitation is needed, unless the operator opened sign-up to all." },
  [`GET ${USERS}me/`]: oneself,
  [`PUT ${USERS}me/`]: oneself,
  [`PATCH ${USERS}me/`]: oneself,
  [`DELETE ${USERS}me/`]: oneself,
  [`POST ${USERS}set_email/`]: oneself,
  [`POST ${USERS}set_password/`]: oneself,
  [`POST ${USERS}reset_password/`]: anybody,
  [`POST ${USERS}reset_password_confirm/`]: anybody,
  [`POST ${USERS}activation/`]: anybody,
  [`POST ${USERS}resend_activation/`]: anybody,
  [`POST ${USERS}reset_email/`]: anybody,
  [`POST ${USERS}reset_email_confirm/`]: anybody,
  [`GET ${AUTH}mfa/user-active-methods/`]: oneself,
  [`POST ${AUTH}{method}/activate/`]: oneself,
  [`POST ${AUTH}{method}/activate/confirm/`]: oneself,
  [`POST ${AUTH}{method}/deactivate/`]: oneself,
  [`POST ${AUTH}oidc/token/`]: {
    ...anybody,
    also: "A trust relationship of an organisation has to vouch for the token.",
  },
  "GET /.well-known/oauth-authorization-server": anybody,
  "GET /api/v1/oauth/authorize/": { ...oneself, also: "Not with a bearer token." },
  "POST /api/v1/oauth/authorize/": { ...oneself, also: "Not with a bearer token." },
  "POST /o/token/": anybody,
  "POST /o/revoke_token/": anybody,
  "POST /o/register/": anybody,
};
