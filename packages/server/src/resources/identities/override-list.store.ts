/** Overrides of a whole environment or of one feature, in the order of their identifiers. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { IdentityOverridesTable, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export interface OverrideFilter {
  readonly environmentId: number;
  readonly featureId: number | undefined;
  /** In double quotes: exactly this; with a star at its end: how it begins; else anywhere in the identifier, whatever the case. */
  readonly query: string;
  readonly expired: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Position {
  readonly identifier: string;
  readonly featureId: number;
}

export type ListedOverride = Selectable<IdentityOverridesTable> & { readonly identity_id: number };

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** The least text behind all those that begin with `prefix`; undefined where there is none. Both databases sort by code point. */
function endOfPrefix(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // Halves of surrogate pairs are no characters.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next);
  }
  return undefined;
}

function matching(query: string) {
  if (query === "") return sql<boolean>`1 = 1`;
  const exact = /^"(.*)"$/s.exec(query)?.[1];
  if (exact !== undefined) return sql<boolean>`o.identifier = ${exact}`;
  if (query.endsWith("*") && query.length > 1) {
    const prefix = query.slice(0, -1);
    const end = endOfPrefix(prefix);
    const from = sql<boolean>`o.identifier >= ${prefix}`;
    return end === undefined ? from : sql<boolean>`(${from} and o.identifier < ${end})`;
  }
  return sql<boolean>`lower(o.identifier) like lower(${`%${escapeLike(query)}%`}) escape '\\'`;
}

function filtered(db: Database, { environmentId, featureId, query, expired, now }: OverrideFilter) {
  let base = db.selectFrom("identity_overrides as o").where("o.environment_id", "=", environmentId);
  if (featureId !== undefined) base = base.where("o.feature_id", "=", featureId);
  base = base.where(matching(query));
  if (expired === undefined) return base;
  return expired
    ? base.where((where) => where.or([where("o.is_expired", "=", 1), where("o.expires_at", "<=", now)]))
    : base
        .where("o.is_expired", "=", 0)
        .where((where) => where.or([where("o.expires_at", "is", null), where("o.expires_at", ">", now)]));
}

export async function listFilteredOverrides(
  db: Database,
  filter: OverrideFilter,
  after: Position | undefined,
  limit: number,
): Promise<ListedOverride[]> {
  let query = filtered(db, filter)
    .innerJoin("identities as i", (join) =>
      join.onRef("i.environment_id", "=", "o.environment_id").onRef("i.identifier", "=", "o.identifier"),
    )
    .selectAll("o")
    .select("i.id as identity_id")
    .orderBy("o.identifier")
    .orderBy("o.feature_id")
    .limit(limit);
  if (after) {
    const { identifier, featureId } = after;
    query = query.where(sql<boolean>`(o.identifier, o.feature_id) > (${identifier}, ${featureId})`);
  }
  return query.execute();
}

/** Up to `limit`; what lies behind is not counted. */
export async function countFilteredOverrides(db: Database, filter: OverrideFilter, limit: number): Promise<number> {
  const some = filtered(db, filter).select("o.id").limit(limit);
  const { count } = await db
    .selectFrom(some.as("some"))
    .select((e) => e.fn.countAll<number | string>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export interface FeatureWithOptions {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly options: readonly { readonly id: number; readonly key: string | null; readonly value: string }[];
}

export async function featuresById(
  db: Database,
  projectId: number,
  ids: readonly number[],
): Promise<ReadonlyMap<number, FeatureWithOptions>> {
  if (ids.length === 0) return new Map();
  const distinct = [...new Set(ids)];
  const features = await db
    .selectFrom("features")
    .select(["id", "name", "type"])
    .where("project_id", "=", projectId)
    .where("id", "in", distinct)
    .execute();
  const options = await db
    .selectFrom("multivariate_options")
    .select(["id", "key", "value", "feature_id"])
    .where("feature_id", "in", distinct)
    .orderBy("id")
    .execute();
  const byFeature = Map.groupBy(options, (option) => option.feature_id);
  return new Map(features.map((feature) => [feature.id, { ...feature, options: byFeature.get(feature.id) ?? [] }]));
}
