/** What changed about identities since webhooks were last told, as the database's triggers noted it. */
import type { Kysely, Selectable } from "kysely";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import type { IdentityMarksTable } from "../../db/webhook-tables.ts";

type Database = Kysely<Tables>;
export type Mark = Selectable<IdentityMarksTable>;

export const hasMarks = async (db: Database): Promise<boolean> =>
  (await db.selectFrom("identity_marks").select("feature_id").limit(1).executeTakeFirst()) !== undefined;

/**
 * Takes the oldest away, inside a transaction that tells of them. A mark that its writer has not committed yet is passed over, and
 * its writer would wait for one that is taken here: so what is read of the identity afterwards is as new as the mark.
 */
export async function takeMarks({ capabilities }: Db, trx: Database, limit: number): Promise<Mark[]> {
  const oldest = trx
    .selectFrom("identity_marks")
    .selectAll()
    .orderBy("marked_at")
    .orderBy("environment_id")
    .orderBy("identifier")
    .orderBy("feature_id")
    .limit(limit);
  const marks = await (capabilities.multiNode ? oldest.forUpdate().skipLocked() : oldest).execute();
  for (const [environmentId, rows] of Map.groupBy(marks, (mark) => mark.environment_id)) {
    for (const [featureId, some] of Map.groupBy(rows, (mark) => mark.feature_id)) {
      await trx
        .deleteFrom("identity_marks")
        .where("environment_id", "=", environmentId)
        .where("feature_id", "=", featureId)
        .where(
          "identifier",
          "in",
          some.map((mark) => mark.identifier),
        )
        .execute();
    }
  }
  return marks;
}
