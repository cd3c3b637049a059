/** What a whole installation consists of, parents before children, and the key each table is read by. */
import type { Tables } from "../../db/tables.ts";

export interface TransferTable {
  readonly name: keyof Tables;
  /** Orders the rows, uniquely; also how a page continues. */
  readonly key: readonly string[];
  /** Holds traits, which PostgreSQL keeps as binary JSON: compared by content, not by text. */
  readonly traits?: boolean;
  /** Its rows may be large: so many are read at a time. */
  readonly page?: number;
}

export const transferTables: readonly TransferTable[] = [
  { name: "organisations", key: ["id"] },
  { name: "users", key: ["id"] },
  { name: "user_tokens", key: ["id"] },
  { name: "user_logins", key: ["id"] },
  { name: "sessions", key: ["id"] },
  { name: "verifications", key: ["id"] },
  { name: "two_factors", key: ["id"] },
  { name: "passkeys", key: ["id"] },
  { name: "organisation_members", key: ["organisation_id", "user_id"] },
  { name: "invites", key: ["id"] },
  { name: "invite_links", key: ["id"] },
  { name: "groups", key: ["id"] },
  { name: "group_members", key: ["group_id", "user_id"] },
  { name: "roles", key: ["id"] },
  { name: "role_members", key: ["id"] },
  { name: "permission_grants", key: ["id"] },
  { name: "organisation_keys", key: ["id"] },
  { name: "oauth_clients", key: ["id"] },
  { name: "access_tokens", key: ["id"] },
  { name: "trust_relationships", key: ["id"] },
  { name: "projects", key: ["id"] },
  { name: "environments", key: ["id"] },
  { name: "environment_keys", key: ["id"] },
  { name: "features", key: ["id"] },
  { name: "multivariate_options", key: ["id"] },
  { name: "segments", key: ["id"] },
  { name: "feature_segments", key: ["id"] },
  { name: "feature_states", key: ["id"] },
  { name: "multivariate_state_values", key: ["id"] },
  { name: "tags", key: ["id"] },
  { name: "feature_transfers", key: ["id"], page: 20 },
  { name: "feature_tags", key: ["feature_id", "tag_id"] },
  { name: "feature_owners", key: ["feature_id", "user_id"] },
  { name: "feature_group_owners", key: ["feature_id", "group_id"] },
  { name: "webhooks", key: ["id"] },
  { name: "webhook_deliveries", key: ["id"], page: 200 },
  { name: "webhook_attempts", key: ["delivery_id", "number"], page: 200 },
  { name: "identity_webhooks", key: ["id"] },
  { name: "trait_notes", key: ["environment_id", "key"] },
  { name: "identities", key: ["environment_id", "id"], traits: true },
  { name: "identity_overrides", key: ["environment_id", "id"] },
  { name: "identity_marks", key: ["environment_id", "identifier", "feature_id"] },
  { name: "audit", key: ["id"] },
  { name: "audit_subjects", key: ["subject_type", "subject_id", "audit_id"] },
  { name: "feature_usage", key: ["environment_id", "feature_id", "day", "sdk", "enabled"] },
  { name: "events", key: ["id"] },
  { name: "request_usage", key: ["environment_id", "resource", "day", "sdk"] },
  { name: "jobs", key: ["id"], page: 200 },
  { name: "job_files", key: ["job_id", "kind", "piece"], page: 20 },
];

/** Not carried: the index of identities, which the new database makes by itself from the identities that come. */
export const leftBehind: RegExp = /^(?:identity_(?:changes|fill|sweeps|terms.*)|trait_(?:keys|texts|numbers))$/;
