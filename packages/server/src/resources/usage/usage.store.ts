/** Usage per day: requests by resource and SDK, evaluations by feature. Only ever added to. */
import { sql } from "kysely";
import type { Db } from "../../db/database.ts";

export interface RequestCount {
  readonly environmentId: number;
  readonly resource: string;
  readonly sdk: string;
  readonly count: number;
}

export interface FeatureCount {
  readonly environmentId: number;
  readonly featureId: number;
  readonly sdk: string;
  /** 0, 1, or -1 where the client did not say. */
  readonly enabled: number;
  readonly count: number;
}

export interface DailyFeatureUsage {
  readonly feature: string;
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly count: number;
}

export interface UsageStore {
  addRequests(counts: readonly RequestCount[]): Promise<void>;
  addFeatures(counts: readonly FeatureCount[]): Promise<void>;
  /** Sets when and by which SDK an environment was first evaluated; the first call wins. */
  stampFirstEvaluation(environmentId: number, sdk: string): Promise<void>;
  /** The last `days` days, newest first; one feature or all. */
  featureUsage(environmentId: number, days: number, feature?: string): Promise<DailyFeatureUsage[]>;
}

const DAY_MS = 86_400_000;
const ADD_REQUESTS =
  "INSERT INTO request_usage (environment_id, resource, day, sdk, count) VALUES (?, ?, ?, ?, ?) ON CONFLICT (environment_id, resource, day, sdk) DO UPDATE SET count = request_usage.count + excluded.count";
const ADD_FEATURES =
  "INSERT INTO feature_usage (environment_id, feature_id, day, sdk, enabled, count) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (environment_id, feature_id, day, sdk, enabled) DO UPDATE SET count = feature_usage.count + excluded.count";
const STAMP =
  "UPDATE environments SET first_evaluated_at = ?, first_evaluated_sdk = ? WHERE id = ? AND first_evaluated_at IS NULL";
const MAX_ROWS = 10_000;

/** Environment by environment, so that no statement is long. */
export async function forgetUsage(db: Db, now: () => number, days: number): Promise<void> {
  const before = Math.floor(now() / DAY_MS) - days;
  const environments = await db.kysely.selectFrom("environments").select("id").execute();
  for (const { id } of environments) {
    for (const table of ["feature_usage", "request_usage"] as const) {
      await db.kysely.deleteFrom(table).where("environment_id", "=", id).where("day", "<", before).execute();
    }
  }
}

export function createUsageStore(db: Db, now: () => number): UsageStore {
  const today = () => Math.floor(now() / DAY_MS);
  return {
    addRequests: async (counts) => {
      const day = today();
      await Promise.all(
        counts.map(({ environmentId, resource, sdk, count }) =>
          db.lane.write(ADD_REQUESTS, [environmentId, resource, day, sdk, count]),
        ),
      );
    },
    addFeatures: async (counts) => {
      const day = today();
      await Promise.all(
        counts.map(({ environmentId, featureId, sdk, enabled, count }) =>
          db.lane.write(ADD_FEATURES, [environmentId, featureId, day, sdk, enabled, count]),
        ),
      );
    },
    stampFirstEvaluation: async (environmentId, sdk) => {
      await db.lane.write(STAMP, [now(), sdk, environmentId]);
    },
    featureUsage: async (environmentId, days, feature) => {
      let query = db.kysely
        .selectFrom("feature_usage as u")
        .innerJoin("features as f", "f.id", "u.feature_id")
        .where("u.environment_id", "=", environmentId)
        .where("u.day", ">", today() - days);
      if (feature !== undefined) query = query.where("f.name", "=", feature);
      const rows = await query
        .select(["f.name", "u.day", sql<number | string>`sum(u.count)`.as("total")])
        .groupBy(["f.name", "u.day"])
        .orderBy("u.day", "desc")
        .orderBy("f.name")
        .limit(MAX_ROWS)
        .execute();
      return rows.map((row) => ({
        feature: row.name,
        day: new Date(row.day * DAY_MS).toISOString().slice(0, 10),
        count: Number(row.total),
      }));
    },
  };
}
