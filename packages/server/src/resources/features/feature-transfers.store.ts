/** Exports and imports of features, as far as they are remembered. */
import type { Kysely, Selectable } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type TransferRow = Selectable<Tables["feature_transfers"]>;
export type TransferKind = TransferRow["kind"];

export const KEPT_MS = 14 * 24 * 60 * 60 * 1000;

/** Makes room for it by forgetting what is too old. */
export async function insertTransfer(db: Database, row: Omit<TransferRow, "id">): Promise<number> {
  await db
    .deleteFrom("feature_transfers")
    .where("created_at", "<", row.created_at - KEPT_MS)
    .execute();
  const { id } = await db.insertInto("feature_transfers").values(row).returning("id").executeTakeFirstOrThrow();
  return id;
}

export const findExport = (db: Database, id: number, since: number): Promise<TransferRow | undefined> =>
  db
    .selectFrom("feature_transfers")
    .selectAll()
    .where("id", "=", id)
    .where("kind", "=", "export")
    .where("created_at", ">=", since)
    .executeTakeFirst();

/** Newest first, without the files. */
export async function listTransfers(
  db: Database,
  filter: { readonly kind: TransferKind; readonly environmentIds: readonly number[]; readonly since: number },
  offset: number,
  limit: number,
) {
  const base = db
    .selectFrom("feature_transfers as t")
    .innerJoin("environments as e", "e.id", "t.environment_id")
    .where("t.kind", "=", filter.kind)
    .where("t.environment_id", "in", [...filter.environmentIds, -1])
    .where("t.created_at", ">=", filter.since);
  const { count } = await base.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await base
    .select(["t.id", "t.environment_id", "t.strategy", "t.created_at", "e.name as environment_name"])
    .orderBy("t.id", "desc")
    .offset(offset)
    .limit(limit)
    .execute();
  return { count: Number(count), rows };
}

/** Features that are in use, with their defaults in one environment. */
export const listDefaults = (db: Database, environmentId: number, tagIds: readonly number[]) => {
  const base = db
    .selectFrom("feature_states as s")
    .innerJoin("features as f", "f.id", "s.feature_id")
    .where("s.environment_id", "=", environmentId)
    .where("s.feature_segment_id", "is", null)
    .where("f.is_archived", "=", 0)
    .select(["s.id", "s.enabled", "s.value", "f.id as feature_id", "f.name", "f.default_enabled"])
    .select(["f.is_server_key_only", "f.initial_value"])
    .orderBy("f.id");
  if (tagIds.length === 0) return base.execute();
  return base
    .where((where) =>
      where.exists(
        where
          .selectFrom("feature_tags")
          .select("tag_id")
          .whereRef("feature_tags.feature_id", "=", "f.id")
          .where("tag_id", "in", [...tagIds]),
      ),
    )
    .execute();
};
