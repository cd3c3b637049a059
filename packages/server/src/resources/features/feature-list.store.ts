/** Which features a list shows, in which order, and what is counted about them. */
import { type Kysely, type SqlBool, sql } from "kysely";
import type { FeaturesTable, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export interface FeatureFilter {
  readonly projectId: number;
  readonly search?: string | undefined;
  readonly type?: FeaturesTable["type"] | undefined;
  readonly isArchived?: boolean | undefined;
  /** Empty: features without tags. */
  readonly tags?: readonly number[] | undefined;
  readonly anyTag: boolean;
  readonly owners: readonly number[];
  readonly groupOwners: readonly number[];
  /** Of the environment's default states. */
  readonly state?:
    | { readonly environmentId: number; readonly isEnabled: boolean | null; readonly value: string }
    | undefined;
  /** Whose overridden features come first. */
  readonly first?: { readonly environmentId: number; readonly identifier: string } | undefined;
  readonly sortBy: "name" | "created_at";
  readonly descending: boolean;
}

const likeAnywhere = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

const tagged = (ids: readonly number[], any: boolean) => {
  const rows = sql`select 1 from feature_tags ft where ft.feature_id = f.id`;
  if (ids.length === 0) return sql<SqlBool>`not exists (${rows})`;
  if (any) return sql<SqlBool>`exists (${rows} and ft.tag_id in (${sql.join(ids)}))`;
  return sql<SqlBool>`${sql.join(
    ids.map((id) => sql`exists (${rows} and ft.tag_id = ${id})`),
    sql` and `,
  )}`;
};

const owned = (users: readonly number[], groups: readonly number[]) => {
  const byUser = sql`exists (select 1 from feature_owners o where o.feature_id = f.id and o.user_id in (${sql.join(users)}))`;
  const byGroup = sql`exists (select 1 from feature_group_owners o
    where o.feature_id = f.id and o.group_id in (${sql.join(groups)}))`;
  if (groups.length === 0) return sql<SqlBool>`${byUser}`;
  return users.length === 0 ? sql<SqlBool>`${byGroup}` : sql<SqlBool>`(${byUser} or ${byGroup})`;
};

/** Values are JSON: a text is searched as JSON spells it, a number or boolean is compared whole. */
const holding = (value: string) => {
  const text = likeAnywhere(JSON.stringify(value).slice(1, -1));
  const whole = value.toLowerCase();
  return sql`((s.json like '"%' and (s.json like ${text} escape '\\' or lower(s.json) like ${text.toLowerCase()} escape '\\'))
    or (s.json = ${whole} and s.json not like '"%'))`;
};

const inState = ({ environmentId, isEnabled, value }: NonNullable<FeatureFilter["state"]>) => {
  const enabled = isEnabled === null ? sql`` : sql` and s.enabled = ${isEnabled ? 1 : 0}`;
  const matching = value === "" ? sql`` : sql` and ${holding(value)}`;
  return sql<SqlBool>`exists (select 1 from (
      select feature_id, enabled, cast(value as text) as json from feature_states
      where environment_id = ${environmentId} and feature_segment_id is null
    ) s where s.feature_id = f.id${enabled}${matching})`;
};

/** Ids of all that match, in their order. A project holds some thousands at most. */
export async function matchFeatures(db: Database, filter: FeatureFilter): Promise<number[]> {
  const direction = filter.descending ? "desc" : "asc";
  let query = db.selectFrom("features as f").select("f.id").where("f.project_id", "=", filter.projectId);
  if (filter.search) {
    const pattern = likeAnywhere(filter.search.toLowerCase());
    query = query.where(sql<SqlBool>`f.name_key like ${pattern} escape '\\'`);
  }
  if (filter.type) query = query.where("f.type", "=", filter.type);
  if (filter.isArchived !== undefined) query = query.where("f.is_archived", "=", filter.isArchived ? 1 : 0);
  if (filter.tags) query = query.where(tagged(filter.tags, filter.anyTag));
  if (filter.owners.length + filter.groupOwners.length > 0)
    query = query.where(owned(filter.owners, filter.groupOwners));
  if (filter.state) query = query.where(inState(filter.state));
  const { first } = filter;
  if (first) {
    query = query.orderBy(
      sql`case when exists (select 1 from identity_overrides o where o.environment_id = ${first.environmentId}
        and o.identifier = ${first.identifier} and o.feature_id = f.id and o.is_expired = 0) then 0 else 1 end`,
    );
  }
  const rows = await query.orderBy(`f.${filter.sortBy}`, direction).orderBy("f.id", direction).execute();
  return rows.map((row) => row.id);
}

export async function readFeatures(db: Database, ids: readonly number[]) {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("features")
    .selectAll()
    .where("id", "in", [...ids])
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export async function tagsByFeature(db: Database, ids: readonly number[]): Promise<Map<number, number[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("feature_tags")
    .selectAll()
    .where("feature_id", "in", [...ids])
    .orderBy("tag_id")
    .execute();
  const byFeature = Map.groupBy(rows, (row) => row.feature_id);
  return new Map([...byFeature].map(([id, tags]) => [id, tags.map((row) => row.tag_id)]));
}

/** Overrides of each feature in an environment, without identities' that have ended. */
export async function countByFeature(
  db: Database,
  table: "feature_segments" | "identity_overrides",
  environmentId: number,
  ids: readonly number[],
): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  let query = db
    .selectFrom(table as "identity_overrides")
    .select((e) => ["feature_id", e.fn.countAll<number | string>().as("count")])
    .where("environment_id", "=", environmentId)
    .where("feature_id", "in", [...ids]);
  if (table === "identity_overrides") query = query.where("is_expired", "=", 0);
  const rows = await query.groupBy("feature_id").execute();
  return new Map(rows.map((row) => [row.feature_id, Number(row.count)]));
}

export const findIdentifier = (db: Database, environmentId: number, identityId: number) =>
  db
    .selectFrom("identities")
    .select("identifier")
    .where("environment_id", "=", environmentId)
    .where("id", "=", identityId)
    .executeTakeFirst();
