/** Tokens that end by themselves: for programs that a person let in, and for workloads that their platform vouches for. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";
import { createTable, type TableSpec } from "./table.ts";

const tables: Record<string, TableSpec> = {
  oauth_clients: {
    columns: {
      id: "id",
      client_id: "text",
      name: "text",
      redirect_uris: "json",
      created_at: "bigint",
      last_used_at: "bigint?",
    },
    unique: [["client_id"]],
  },
  access_tokens: {
    columns: {
      id: "id",
      family: "text",
      kind: "text",
      hash: "text",
      user_id: "integer?",
      organisation_key_id: "integer?",
      client_id: "text",
      scope: "text",
      created_at: "bigint",
      expires_at: "bigint",
      replaced_at: "bigint?",
    },
    unique: [["hash"]],
    indexes: [["family"], ["expires_at"]],
    references: { user_id: "users", organisation_key_id: "organisation_keys" },
  },
  trust_relationships: {
    columns: {
      id: "id",
      organisation_id: "integer",
      organisation_key_id: "integer",
      name: "text",
      issuer: "text",
      audience: "text",
      claim_rules: "json",
      created_by: "integer?",
      created_at: "bigint",
    },
    unique: [["issuer", "audience"], ["organisation_key_id"]],
    references: { organisation_id: "organisations", organisation_key_id: "organisation_keys" },
  },
};

export function createAccessTokens(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      for (const [name, spec] of Object.entries(tables)) await createTable(db, types, name, spec);
    },
  };
}
