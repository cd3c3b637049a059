/**
 * The end of environments with very many identities. Deleting them at once would hold the database's writer for as long as it takes; so
 * they leave their project at once, keys and states and all, for one that nobody belongs to, and a job clears them away.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import type { Db } from "../db/database.ts";
import type { Tables } from "../db/tables.ts";
import type { JobHandler } from "./job.ts";
import type { JobAsker, Jobs } from "./jobs.ts";

export const clearEnvironments = "clear_environments";

/** With fewer, the foreign keys do it. */
const MANY = 5_000;
const STEP = 1_000;
const NAME = "Deleted environments";

interface ClearPayload {
  /** That nobody belongs to; made for these environments, and deleted with them. */
  readonly organisationId: number;
  readonly environments: readonly number[];
}

const large = ["identities", "events"] as const;

async function isLarge(db: Kysely<Tables>, environmentId: number): Promise<boolean> {
  for (const table of large) {
    const query = db.selectFrom(table as "identities").select("id");
    const row = await query.where("environment_id", "=", environmentId).offset(MANY).limit(1).executeTakeFirst();
    if (row) return true;
  }
  return false;
}

/** A project of its own in an organisation of its own. */
async function makeGrave(trx: Transaction<Tables>, now: number) {
  const organisation = await trx
    .insertInto("organisations")
    .values({
      uuid: crypto.randomUUID(),
      name: NAME,
      persist_trait_data: 0,
      stop_serving_flags: 1,
      feature_analytics: 0,
      created_at: now,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const project = await trx
    .insertInto("projects")
    .values({
      uuid: crypto.randomUUID(),
      organisation_id: organisation.id,
      name: NAME,
      hide_disabled_flags: 0,
      enable_realtime_updates: 0,
      created_at: now,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return { organisationId: organisation.id, projectId: project.id };
}

const owned = ["environment_keys", "feature_states", "feature_segments", "webhooks", "identity_webhooks"] as const;

async function bury(trx: Transaction<Tables>, environments: readonly number[], now: number): Promise<number> {
  const { organisationId, projectId } = await makeGrave(trx, now);
  for (const table of owned) {
    await trx
      .deleteFrom(table as "environment_keys")
      .where("environment_id", "in", [...environments])
      .execute();
  }
  for (const id of environments) {
    await trx
      .updateTable("environments")
      .set({
        project_id: projectId,
        name: sql<string>`name || ${` (deleted, ${id})`}`,
        api_key: `deleted ${crypto.randomUUID()}`,
        uuid: crypto.randomUUID(),
        identity_retention_days: null,
      })
      .where("id", "=", id)
      .execute();
  }
  return organisationId;
}

export interface Ending {
  readonly organisationId: number;
  readonly asker: JobAsker;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Before their rows, or their project's or organisation's, are deleted in the same transaction: takes the large ones out of the way.
 * Whoever caches environments has to be told of all of them. Answers which are out of the way: their rows stay for the job.
 */
export async function endEnvironments(
  jobs: Pick<Jobs, "add">,
  trx: Transaction<Tables>,
  environments: readonly number[],
  { organisationId, asker, now }: Ending,
): Promise<ReadonlySet<number>> {
  const buried: number[] = [];
  for (const id of environments) if (await isLarge(trx, id)) buried.push(id);
  if (buried.length === 0) return new Set();
  const payload: ClearPayload = { organisationId: await bury(trx, buried, now), environments: buried };
  await jobs.add({ type: clearEnvironments, organisationId, environmentId: null, payload, asker }, trx);
  return new Set(buried);
}

export function createClearEnvironments({ kysely }: Db): JobHandler {
  const clear = async (table: "identity_overrides" | "identities" | "events", environmentId: number) => {
    const next = kysely
      .selectFrom(table as "identities")
      .select("id")
      .where("environment_id", "=", environmentId)
      .orderBy("id")
      .limit(STEP);
    const result = await kysely
      .deleteFrom(table as "identities")
      .where("environment_id", "=", environmentId)
      .where("id", "in", next)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  };
  return {
    run: async (task) => {
      const { organisationId, environments } = task.payload as ClearPayload;
      let deleted = 0;
      for (const id of environments) {
        for (const table of ["identity_overrides", "identities", "events"] as const) {
          for (let gone = await clear(table, id); gone > 0; gone = await clear(table, id)) {
            await task.save({ cursor: null, done: gone, changed: gone });
            deleted += gone;
            await task.pause();
          }
        }
      }
      await kysely.deleteFrom("organisations").where("id", "=", organisationId).execute();
      return { summary: `${deleted} rows of deleted environments cleared away.` };
    },
  };
}
