/** Which overrides stand because of a segment. The caller has checked that the segment is the project's. */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";

export const listOverridesOf = (
  db: Kysely<Tables>,
  segmentId: number,
  environmentIds: readonly number[],
  limit: number,
) =>
  db
    .selectFrom("feature_segments as fs")
    .innerJoin("feature_states as s", "s.feature_segment_id", "fs.id")
    .innerJoin("features as f", "f.id", "fs.feature_id")
    .innerJoin("environments as e", "e.id", "fs.environment_id")
    .where("fs.segment_id", "=", segmentId)
    .where("fs.environment_id", "in", [...environmentIds, -1])
    .select(["f.id as feature_id", "f.name as feature_name", "e.id as environment_id", "e.name as environment_name"])
    .select(["e.api_key", "s.id as state_id", "s.enabled", "s.value", "fs.id as feature_segment_id", "fs.priority"])
    .orderBy("f.name")
    .orderBy("e.id")
    .orderBy("fs.id")
    .limit(limit)
    .execute();
