/** All tables of the first release; `tables.ts` says what the columns mean. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";
import { createTable, type TableSpec } from "./table.ts";

export function createInitial(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      for (const [name, spec] of Object.entries(tables)) await createTable(db, types, name, spec);
      await createStateKeys(db);
    },
  };
}

const tenancy: Record<string, TableSpec> = {
  organisations: {
    columns: {
      id: "id",
      uuid: "text",
      name: "text",
      persist_trait_data: "flag",
      stop_serving_flags: "flag",
      feature_analytics: "flag",
      created_at: "bigint",
    },
  },
  projects: {
    columns: {
      id: "id",
      uuid: "text",
      organisation_id: "integer",
      name: "text",
      hide_disabled_flags: "flag",
      enable_realtime_updates: "flag",
      created_at: "bigint",
    },
    unique: [["organisation_id", "name"]],
    references: { organisation_id: "organisations" },
  },
  environments: {
    columns: {
      id: "id",
      uuid: "text",
      project_id: "integer",
      name: "text",
      description: "text?",
      api_key: "text",
      allow_client_traits: "flag",
      hide_disabled_flags: "flag?",
      hide_sensitive_data: "flag",
      use_identity_composite_key_for_hashing: "flag",
      use_identity_overrides_in_local_eval: "flag",
      revision: "bigint",
      updated_at: "bigint",
      created_at: "bigint",
      first_evaluated_at: "bigint?",
      first_evaluated_sdk: "text?",
    },
    unique: [["api_key"], ["project_id", "name"]],
    references: { project_id: "projects" },
  },
  environment_keys: {
    columns: {
      id: "id",
      environment_id: "integer",
      key: "text",
      name: "text",
      active: "flag",
      created_at: "bigint",
      expires_at: "bigint?",
    },
    unique: [["key"]],
    references: { environment_id: "environments" },
  },
};

const features: Record<string, TableSpec> = {
  features: {
    columns: {
      id: "id",
      uuid: "text",
      project_id: "integer",
      name: "text",
      name_key: "text",
      type: "text",
      initial_value: "text?",
      default_enabled: "flag",
      description: "text?",
      is_archived: "flag",
      is_server_key_only: "flag",
      created_at: "bigint",
    },
    unique: [["project_id", "name_key"]],
    references: { project_id: "projects" },
  },
  multivariate_options: {
    columns: {
      id: "id",
      uuid: "text",
      feature_id: "integer",
      value: "json",
      key: "text?",
      default_percentage_allocation: "real",
    },
    unique: [["feature_id", "key"]],
    references: { feature_id: "features" },
  },
  segments: {
    columns: {
      id: "id",
      uuid: "text",
      project_id: "integer",
      feature_id: "integer?",
      name: "text",
      description: "text?",
      rules: "json",
      created_at: "bigint",
      updated_at: "bigint",
    },
    references: { project_id: "projects", feature_id: "features" },
  },
};

const states: Record<string, TableSpec> = {
  feature_segments: {
    columns: {
      id: "id",
      uuid: "text",
      feature_id: "integer",
      segment_id: "integer",
      environment_id: "integer",
      priority: "integer",
    },
    unique: [["feature_id", "environment_id", "segment_id"]],
    references: { feature_id: "features", segment_id: "segments", environment_id: "environments" },
  },
  feature_states: {
    columns: {
      id: "id",
      uuid: "text",
      feature_id: "integer",
      environment_id: "integer",
      feature_segment_id: "integer?",
      enabled: "flag",
      value: "json",
      hash_seed: "text",
      created_at: "bigint",
      updated_at: "bigint",
    },
    indexes: [["feature_id"]],
    references: { feature_id: "features", environment_id: "environments", feature_segment_id: "feature_segments" },
  },
  multivariate_state_values: {
    columns: {
      id: "id",
      uuid: "text",
      feature_state_id: "integer",
      multivariate_option_id: "integer",
      percentage_allocation: "real",
    },
    unique: [["feature_state_id", "multivariate_option_id"]],
    references: { feature_state_id: "feature_states", multivariate_option_id: "multivariate_options" },
  },
};

/** They refer to nothing but their environment, and every key carries it, so that they can be distributed by it and the identifier. */
const identities: Record<string, TableSpec> = {
  identities: {
    columns: {
      environment_id: "integer",
      identifier: "text",
      id: "id",
      traits: "traits",
      has_overrides: "flag",
      created_at: "bigint",
      last_seen_day: "integer",
    },
    primaryKey: ["environment_id", "identifier"],
    indexes: [["environment_id", "id"]],
    references: { environment_id: "environments" },
  },
  identity_overrides: {
    columns: {
      environment_id: "integer",
      identifier: "text",
      feature_id: "integer",
      id: "id",
      uuid: "text",
      enabled: "flag",
      value: "json",
      hash_seed: "text",
      variants: "json",
      created_at: "bigint",
      updated_at: "bigint",
    },
    primaryKey: ["environment_id", "identifier", "feature_id"],
    // Not unique, since no key could be that the rows are spread by: the count that ids come from makes them so.
    indexes: [
      ["environment_id", "id"],
      ["environment_id", "feature_id"],
    ],
    references: { environment_id: "environments" },
  },
};

/** The audit log refers to nothing: it outlives what it tells of. */
const records: Record<string, TableSpec> = {
  audit: {
    columns: {
      id: "id",
      created_at: "bigint",
      organisation_id: "integer?",
      project_id: "integer?",
      environment_id: "integer?",
      revision: "bigint?",
      actor: "text",
      request_id: "text?",
      action: "text",
      object_type: "text",
      object_id: "text",
      log: "text",
      before: "json?",
      after: "json?",
    },
    indexes: [
      ["organisation_id", "id"],
      ["project_id", "id"],
      ["environment_id", "id"],
    ],
  },
  feature_usage: {
    columns: {
      environment_id: "integer",
      feature_id: "integer",
      day: "integer",
      sdk: "text",
      enabled: "integer",
      count: "bigint",
    },
    primaryKey: ["environment_id", "feature_id", "day", "sdk", "enabled"],
    references: { environment_id: "environments" },
  },
  request_usage: {
    columns: { environment_id: "integer", resource: "text", day: "integer", sdk: "text", count: "bigint" },
    primaryKey: ["environment_id", "resource", "day", "sdk"],
    references: { environment_id: "environments" },
  },
};

const tables: Record<string, TableSpec> = { ...tenancy, ...features, ...states, ...identities, ...records };

/** One environment default for each feature, one state for each segment override. */
async function createStateKeys(db: Kysely<unknown>): Promise<void> {
  await sql`create unique index feature_states_default_key on feature_states (feature_id, environment_id)
    where feature_segment_id is null`.execute(db);
  await sql`create unique index feature_states_segment_key on feature_states (feature_segment_id)
    where feature_segment_id is not null`.execute(db);
}
