/** What events tell beside the change itself: who listens, names, and rows as they are inside the change's transaction. */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;

const PART = 500;

/** By id, in parts that no database finds too long. */
async function inParts<Id, Row>(ids: Iterable<Id>, read: (part: Id[]) => Promise<Row[]>): Promise<Row[]> {
  const all = [...new Set(ids)];
  const rows: Row[] = [];
  for (let start = 0; start < all.length; start += PART) rows.push(...(await read(all.slice(start, start + PART))));
  return rows;
}

const byId = <Row extends { readonly id: number }>(rows: readonly Row[]): ReadonlyMap<number, Row> =>
  new Map(rows.map((row) => [row.id, row]));

export const listListeners = (db: Database, organisations: readonly number[]) =>
  db
    .selectFrom("webhooks as w")
    .leftJoin("environments as e", "e.id", "w.environment_id")
    .select(["w.id", "w.organisation_id", "w.environment_id", "e.project_id", "w.events"])
    .where("w.enabled", "=", 1)
    .where("w.organisation_id", "in", [...organisations])
    .orderBy("w.id")
    .execute();

export const readFeatures = async (db: Database, ids: Iterable<number>) =>
  byId(
    await inParts(ids, (part) =>
      db
        .selectFrom("features as f")
        .innerJoin("projects as p", "p.id", "f.project_id")
        .selectAll("f")
        .select(["p.name as project_name", "p.organisation_id"])
        .where("f.id", "in", part)
        .execute(),
    ),
  );
export type NamedFeature =
  Awaited<ReturnType<typeof readFeatures>> extends ReadonlyMap<number, infer Row> ? Row : never;

export const readEnvironments = async (db: Database, ids: Iterable<number>) =>
  byId(await inParts(ids, (part) => db.selectFrom("environments").selectAll().where("id", "in", part).execute()));

export const readProjects = async (db: Database, ids: Iterable<number>) =>
  byId(await inParts(ids, (part) => db.selectFrom("projects").selectAll().where("id", "in", part).execute()));

export const readSegments = async (db: Database, ids: Iterable<number>) =>
  byId(
    await inParts(ids, (part) =>
      db.selectFrom("segments").select(["id", "name", "description"]).where("id", "in", part).execute(),
    ),
  );

export const readOptions = async (db: Database, ids: Iterable<number>) =>
  byId(
    await inParts(ids, (part) =>
      db.selectFrom("multivariate_options").select(["id", "value"]).where("id", "in", part).execute(),
    ),
  );

/** Ids of the rows that hold variants' weights, by state and option. */
export async function readShareIds(db: Database, states: Iterable<number>): Promise<ReadonlyMap<string, number>> {
  const rows = await inParts(states, (part) =>
    db
      .selectFrom("multivariate_state_values")
      .select(["id", "feature_state_id", "multivariate_option_id"])
      .where("feature_state_id", "in", part)
      .execute(),
  );
  return new Map(rows.map((row) => [`${row.feature_state_id} ${row.multivariate_option_id}`, row.id]));
}

/** Environment defaults and segment overrides of a feature, in one environment or in all. */
export async function readStates(db: Database, featureId: number, environmentId?: number) {
  let query = db
    .selectFrom("feature_states as s")
    .leftJoin("feature_segments as fs", "fs.id", "s.feature_segment_id")
    .selectAll("s")
    .select(["fs.segment_id", "fs.priority"])
    .where("s.feature_id", "=", featureId)
    .orderBy("s.id");
  if (environmentId !== undefined) query = query.where("s.environment_id", "=", environmentId);
  const rows = await query.execute();
  const shares = await inParts(
    rows.map((row) => row.id),
    (part) =>
      db
        .selectFrom("multivariate_state_values")
        .select(["id", "feature_state_id", "multivariate_option_id", "percentage_allocation"])
        .where("feature_state_id", "in", part)
        .orderBy("id")
        .execute(),
  );
  const byState = Map.groupBy(shares, (share) => share.feature_state_id);
  return rows.map((row) => ({ ...row, shares: byState.get(row.id) ?? [] }));
}
export type StoredState = Awaited<ReturnType<typeof readStates>>[number];

export const readIdentities = (db: Database, environmentId: number, identifiers: readonly string[]) =>
  inParts(identifiers, (part) =>
    db
      .selectFrom("identities")
      .select(["id", "identifier", "traits", "created_at"])
      .where("environment_id", "=", environmentId)
      .where("identifier", "in", part)
      .execute(),
  );

export const readOverrides = (db: Database, environmentId: number, identifiers: readonly string[]) =>
  inParts(identifiers, (part) =>
    db
      .selectFrom("identity_overrides")
      .select(["id", "identifier", "feature_id", "enabled", "value", "variants", "is_expired"])
      .where("environment_id", "=", environmentId)
      .where("identifier", "in", part)
      .execute(),
  );

export const findOverrideById = (db: Database, environmentId: number, id: number) =>
  db
    .selectFrom("identity_overrides as o")
    .innerJoin("identities as i", (join) =>
      join.onRef("i.environment_id", "=", "o.environment_id").onRef("i.identifier", "=", "o.identifier"),
    )
    .selectAll("o")
    .select("i.id as identity_id")
    .where("o.environment_id", "=", environmentId)
    .where("o.id", "=", id)
    .executeTakeFirst();

export const findUser = (db: Database, id: number) =>
  db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();

export const findKeyName = async (db: Database, id: number): Promise<string | undefined> =>
  (await db.selectFrom("organisation_keys").select("name").where("id", "=", id).executeTakeFirst())?.name;
