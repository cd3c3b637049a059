/** Identities as an export writes them. */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export interface ExportedRow {
  readonly id: number;
  readonly identifier: string;
  /** JSON object. */
  readonly traits: string;
  readonly created_at: number;
  readonly last_seen_day: number;
  readonly has_overrides: number;
}

export const readRows = (db: Database, environmentId: number, ids: readonly number[]): Promise<ExportedRow[]> =>
  db
    .selectFrom("identities")
    .select(["id", "identifier", "traits", "created_at", "last_seen_day", "has_overrides"])
    .where("environment_id", "=", environmentId)
    .where("id", "in", [...ids])
    .orderBy("id")
    .execute();

export const readOverrides = (db: Database, environmentId: number, identifiers: readonly string[]) =>
  db
    .selectFrom("identity_overrides as o")
    .innerJoin("features as f", "f.id", "o.feature_id")
    .where("o.environment_id", "=", environmentId)
    .where("o.identifier", "in", [...identifiers])
    .select([
      "o.identifier",
      "f.name",
      "o.feature_id",
      "o.enabled",
      "o.value",
      "o.variants",
      "o.reason",
      "o.expires_at",
    ])
    .orderBy("o.id")
    .execute();
