/** People, keys, permissions and the settings of the admin side; `admin-tables.ts` says what the columns mean. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes, StoredTypes } from "../columns.ts";
import { createTable, type TableSpec } from "./table.ts";

const people: Record<string, TableSpec> = {
  users: {
    columns: {
      id: "id",
      uuid: "text",
      email: "text",
      first_name: "text",
      last_name: "text",
      sign_up_type: "text?",
      is_active: "flag",
      created_at: "bigint",
      last_login_at: "bigint?",
    },
    unique: [["email"], ["uuid"]],
  },
  user_tokens: {
    columns: {
      id: "id",
      user_id: "integer",
      hash: "text",
      created_at: "bigint",
      last_used_at: "bigint?",
      expires_at: "bigint?",
    },
    unique: [["hash"]],
    references: { user_id: "users" },
  },
  organisation_members: {
    columns: { organisation_id: "integer", user_id: "integer", role: "text", joined_at: "bigint" },
    primaryKey: ["organisation_id", "user_id"],
    references: { organisation_id: "organisations", user_id: "users" },
  },
  invites: {
    columns: {
      id: "id",
      organisation_id: "integer",
      email: "text",
      hash: "text",
      role: "text",
      permission_groups: "json",
      invited_by: "integer?",
      created_at: "bigint",
    },
    unique: [["hash"], ["organisation_id", "email"]],
    references: { organisation_id: "organisations" },
  },
  invite_links: {
    columns: {
      id: "id",
      organisation_id: "integer",
      hash: "text",
      role: "text",
      created_at: "bigint",
      expires_at: "bigint?",
    },
    unique: [["hash"]],
    references: { organisation_id: "organisations" },
  },
};

const rights: Record<string, TableSpec> = {
  groups: {
    columns: { id: "id", organisation_id: "integer", name: "text", is_default: "flag", external_id: "text?" },
    unique: [["organisation_id", "external_id"]],
    references: { organisation_id: "organisations" },
  },
  group_members: {
    columns: { group_id: "integer", user_id: "integer", group_admin: "flag" },
    primaryKey: ["group_id", "user_id"],
    references: { group_id: "groups", user_id: "users" },
  },
  roles: {
    columns: { id: "id", organisation_id: "integer", name: "text", description: "text?" },
    unique: [["organisation_id", "name"]],
    references: { organisation_id: "organisations" },
  },
  role_members: {
    columns: { id: "id", role_id: "integer", subject_type: "text", subject_id: "integer" },
    unique: [["role_id", "subject_type", "subject_id"]],
    indexes: [["subject_type", "subject_id"]],
    references: { role_id: "roles" },
  },
  permission_grants: {
    columns: {
      id: "id",
      subject_type: "text",
      subject_id: "integer",
      scope_type: "text",
      scope_id: "integer",
      permissions: "json",
      is_admin: "flag",
    },
    unique: [["subject_type", "subject_id", "scope_type", "scope_id"]],
    indexes: [["scope_type", "scope_id"]],
  },
  organisation_keys: {
    columns: {
      id: "id",
      organisation_id: "integer",
      prefix: "text",
      hash: "text",
      name: "text",
      is_admin: "flag",
      created_by: "integer?",
      created_at: "bigint",
      expires_at: "bigint?",
      revoked: "flag",
      last_used_at: "bigint?",
    },
    unique: [["prefix"]],
    references: { organisation_id: "organisations" },
  },
};

const things: Record<string, TableSpec> = {
  tags: {
    columns: {
      id: "id",
      uuid: "text",
      project_id: "integer",
      label: "text",
      color: "text",
      description: "text?",
      is_permanent: "flag",
      is_system_tag: "flag",
      type: "text",
    },
    unique: [["uuid"]],
    references: { project_id: "projects" },
  },
  feature_tags: {
    columns: { feature_id: "integer", tag_id: "integer" },
    primaryKey: ["feature_id", "tag_id"],
    references: { feature_id: "features", tag_id: "tags" },
  },
  feature_owners: {
    columns: { feature_id: "integer", user_id: "integer" },
    primaryKey: ["feature_id", "user_id"],
    references: { feature_id: "features", user_id: "users" },
  },
  feature_group_owners: {
    columns: { feature_id: "integer", group_id: "integer" },
    primaryKey: ["feature_id", "group_id"],
    references: { feature_id: "features", group_id: "groups" },
  },
  webhooks: {
    columns: {
      id: "id",
      organisation_id: "integer",
      environment_id: "integer?",
      name: "text?",
      url: "text",
      secret: "text",
      enabled: "flag",
      created_at: "bigint",
      updated_at: "bigint",
    },
    references: { organisation_id: "organisations", environment_id: "environments" },
  },
};

interface NewColumn {
  readonly type: keyof StoredTypes;
  /** Left out: null. */
  readonly value?: number | string;
}

const settings: Record<string, Record<string, NewColumn>> = {
  organisations: {
    force_2fa: { type: "flag", value: 0 },
    restrict_project_create_to_admin: { type: "flag", value: 0 },
    webhook_notification_email: { type: "text" },
  },
  projects: {
    prevent_flag_defaults: { type: "flag", value: 0 },
    enforce_feature_owners: { type: "flag", value: 0 },
    only_allow_lower_case_feature_names: { type: "flag", value: 1 },
    feature_name_regex: { type: "text" },
    stale_flags_limit_days: { type: "integer", value: 30 },
    minimum_change_request_approvals: { type: "integer" },
    max_features_allowed: { type: "integer", value: 1000 },
    max_segments_allowed: { type: "integer", value: 500 },
    max_segment_overrides_allowed: { type: "integer", value: 2000 },
  },
  environments: {
    minimum_change_request_approvals: { type: "integer" },
    banner_text: { type: "text" },
    banner_colour: { type: "text" },
  },
  segments: {
    version: { type: "integer", value: 1 },
  },
};

async function addColumns(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  for (const [table, columns] of Object.entries(settings)) {
    for (const [name, { type, value }] of Object.entries(columns)) {
      const change = db.schema.alterTable(table);
      await change
        .addColumn(name, types[type], (column) =>
          value === undefined ? column : column.notNull().defaultTo(typeof value === "string" ? value : sql.lit(value)),
        )
        .execute();
    }
  }
}

export function createAdmin(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      for (const [name, spec] of Object.entries({ ...people, ...rights, ...things })) {
        await createTable(db, types, name, spec);
      }
      await addColumns(db, types);
    },
  };
}
