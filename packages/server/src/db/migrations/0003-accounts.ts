/** How people sign in; `account-tables.ts` says what the columns mean. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes, StoredTypes } from "../columns.ts";
import { createTable, type TableSpec } from "./table.ts";

const tables: Record<string, TableSpec> = {
  sessions: {
    columns: {
      id: "id",
      user_id: "integer",
      token: "text",
      expires_at: "bigint",
      ip_address: "text?",
      user_agent: "text?",
      created_at: "bigint",
      updated_at: "bigint",
    },
    unique: [["token"]],
    references: { user_id: "users" },
  },
  user_logins: {
    columns: {
      id: "id",
      user_id: "integer",
      provider_id: "text",
      account_id: "text",
      password: "text?",
      access_token: "text?",
      refresh_token: "text?",
      id_token: "text?",
      access_token_expires_at: "bigint?",
      refresh_token_expires_at: "bigint?",
      scope: "text?",
      created_at: "bigint",
      updated_at: "bigint",
    },
    unique: [["provider_id", "account_id"]],
    references: { user_id: "users" },
  },
  verifications: {
    columns: {
      id: "id",
      identifier: "text",
      value: "text",
      expires_at: "bigint",
      created_at: "bigint",
      updated_at: "bigint",
    },
    indexes: [["identifier"], ["expires_at"]],
  },
  two_factors: {
    columns: {
      id: "id",
      user_id: "integer",
      secret: "text",
      backup_codes: "text",
      verified: "flag",
      failed_verification_count: "integer",
      locked_until: "bigint?",
    },
    unique: [["user_id"]],
    references: { user_id: "users" },
  },
  passkeys: {
    columns: {
      id: "id",
      user_id: "integer",
      name: "text?",
      public_key: "text",
      credential_id: "text",
      counter: "bigint",
      device_type: "text",
      backed_up: "flag",
      transports: "text?",
      created_at: "bigint?",
      aaguid: "text?",
    },
    unique: [["credential_id"]],
    references: { user_id: "users" },
  },
};

/** What better-auth keeps of a person, beside what was there. Left out: null. */
const userColumns: Record<string, { readonly type: keyof StoredTypes; readonly value?: number }> = {
  email_verified: { type: "flag", value: 0 },
  image: { type: "text" },
  two_factor_enabled: { type: "flag", value: 0 },
  updated_at: { type: "bigint", value: 0 },
};

async function addUserColumns(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  for (const [name, { type, value }] of Object.entries(userColumns)) {
    await db.schema
      .alterTable("users")
      .addColumn(name, types[type], (column) =>
        value === undefined ? column : column.notNull().defaultTo(sql.lit(value)),
      )
      .execute();
  }
}

export function createAccountTables(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      for (const [name, spec] of Object.entries(tables)) await createTable(db, types, name, spec);
      await addUserColumns(db, types);
    },
  };
}
