/** One identity provider of the operator's choice, by OpenID Connect discovery. */
import type { GenericOAuthConfig } from "better-auth/plugins/generic-oauth";
import type { OidcSettings } from "./settings.ts";

/** Its name in addresses and in user_logins.provider_id. */
export const OIDC = "oidc";

const DISCOVERY_MS = 5_000;

const discoveryUrl = (issuer: string): string => `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`;

/** Asked before better-auth asks, which would wait for a silent provider as long as it likes, and everybody with it. */
export async function isReachable(settings: OidcSettings): Promise<boolean> {
  try {
    const answer = await fetch(discoveryUrl(settings.issuer), { signal: AbortSignal.timeout(DISCOVERY_MS) });
    return answer.ok;
  } catch {
    return false;
  }
}

export function oidcProvider(settings: OidcSettings): GenericOAuthConfig {
  return {
    providerId: OIDC,
    name: settings.name,
    discoveryUrl: discoveryUrl(settings.issuer),
    clientId: settings.clientId,
    clientSecret: settings.clientSecret,
    scopes: [...settings.scopes],
    pkce: true,
    requireIdTokenVerification: true,
    mapProfileToUser: (profile) => ({ name: profile.name || String(profile.email ?? "").split("@", 1)[0] || "" }),
  };
}
