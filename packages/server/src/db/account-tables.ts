/** Rows of how people sign in. better-auth reads and writes them through accounts/auth-adapter.ts; spelling as in tables.ts. */
import type { Generated } from "kysely";
import type { Flag, Json, Millis } from "./tables.ts";

/** A browser's sign-in; its token is the (signed) cookie. */
export interface SessionsTable {
  id: Generated<number>;
  user_id: number;
  token: string;
  expires_at: Millis;
  ip_address: string | null;
  user_agent: string | null;
  created_at: Millis;
  updated_at: Millis;
}

/** A way somebody can sign in: "credential" (a password) or an identity provider (better-auth: account). */
export interface UserLoginsTable {
  id: Generated<number>;
  user_id: number;
  /** "credential" or the provider's name. */
  provider_id: string;
  /** Who it is there; the user's id for "credential". */
  account_id: string;
  /** scrypt hash, with its salt. */
  password: string | null;
  access_token: string | null;
  refresh_token: string | null;
  id_token: string | null;
  access_token_expires_at: Millis | null;
  refresh_token_expires_at: Millis | null;
  scope: string | null;
  created_at: Millis;
  updated_at: Millis;
}

/** Short-lived and single-use: two-factor challenges, password resets, the set-up link. */
export interface VerificationsTable {
  id: Generated<number>;
  identifier: string;
  value: string;
  expires_at: Millis;
  created_at: Millis;
  updated_at: Millis;
}

/** Secret and backup codes are encrypted with BURGEE_SECRET. */
export interface TwoFactorsTable {
  id: Generated<number>;
  user_id: number;
  secret: string;
  backup_codes: string;
  /** 0 until its first code was typed. */
  verified: Flag;
  failed_verification_count: number;
  locked_until: Millis | null;
}

export interface PasskeysTable {
  id: Generated<number>;
  user_id: number;
  name: string | null;
  public_key: string;
  credential_id: string;
  counter: number;
  device_type: string;
  backed_up: Flag;
  transports: string | null;
  created_at: Millis | null;
  aaguid: string | null;
}

/** A program that registered itself to act for people. The command line is known without a row. */
export interface OauthClientsTable {
  id: Generated<number>;
  client_id: string;
  name: string;
  /** List of addresses. */
  redirect_uris: Json;
  created_at: Millis;
  last_used_at: Millis | null;
}

/** Of a person or of an organisation key, never of both. */
export interface AccessTokensTable {
  id: Generated<number>;
  /** What one consent gave: revoked together. */
  family: string;
  kind: "access" | "refresh";
  /** SHA-256. */
  hash: string;
  user_id: number | null;
  organisation_key_id: number | null;
  /** "" for those of a trust relationship. */
  client_id: string;
  scope: string;
  created_at: Millis;
  expires_at: Millis;
  /** Of a refresh token that was used: it works a little longer, for answers that got lost. */
  replaced_at: Millis | null;
}

/** Whoever shows a token of this issuer for this audience, with claims as the rules say, acts as the key. */
export interface TrustRelationshipsTable {
  id: Generated<number>;
  organisation_id: number;
  organisation_key_id: number;
  name: string;
  issuer: string;
  audience: string;
  /** List of {claim, values}. */
  claim_rules: Json;
  created_by: number | null;
  created_at: Millis;
}

export interface AccountTables {
  oauth_clients: OauthClientsTable;
  access_tokens: AccessTokensTable;
  trust_relationships: TrustRelationshipsTable;
  sessions: SessionsTable;
  user_logins: UserLoginsTable;
  verifications: VerificationsTable;
  two_factors: TwoFactorsTable;
  passkeys: PasskeysTable;
}
