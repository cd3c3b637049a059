/** Many identities in a statement. Rows travel as one JSON list, which both databases read; every query carries the environment. */
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Capabilities } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;

/** Puts the one parameter where the capability's text has its "?". */
function filled(text: string, value: string): RawBuilder<unknown> {
  const [before = "", after = ""] = text.split("?");
  return sql`${sql.raw(before)}${value}${sql.raw(after)}`;
}

const items = ({ eachItem }: Capabilities, rows: readonly unknown[] | string): RawBuilder<unknown> =>
  filled(eachItem, typeof rows === "string" ? rows : JSON.stringify(rows));

export interface TargetRow {
  readonly id: number;
  readonly identifier: string;
  readonly has_overrides: number;
}

const columns = ["id", "identifier", "has_overrides"] as const;

/** The next ones after `afterId`; of those that were not seen from a day on, where one is given. */
export function readAfter(
  db: Database,
  environmentId: number,
  afterId: number,
  limit: number,
  unseenSince?: number,
): Promise<TargetRow[]> {
  const query = db
    .selectFrom("identities")
    .select(columns)
    .where("environment_id", "=", environmentId)
    .where("id", ">", afterId)
    .orderBy("id")
    .limit(limit);
  return (unseenSince === undefined ? query : query.where("last_seen_day", "<", unseenSince)).execute();
}

export const readByIdentifiers = (
  db: Database,
  environmentId: number,
  identifiers: readonly string[],
): Promise<TargetRow[]> =>
  db
    .selectFrom("identities")
    .select(columns)
    .where("environment_id", "=", environmentId)
    .where("identifier", "in", [...identifiers])
    .execute();

export async function countIdentities(db: Database, environmentId: number): Promise<number> {
  const row = await db
    .selectFrom("identities")
    .select((e) => e.fn.countAll<number | string>().as("n"))
    .where("environment_id", "=", environmentId)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

/** One identity's override of one feature. */
export type OverrideRow = readonly [
  identifier: string,
  featureId: number,
  /** What a new one is known by, and hashes with. */
  uuid: string,
  enabled: 0 | 1,
  /** A JSON scalar. */
  value: string,
  /** A JSON list. */
  variants: string,
  reason: string | null,
  expiresAt: number | null,
];

/** What an existing override is changed in; the rest of a row is for new ones. */
export interface GivenFields {
  readonly enabled: boolean;
  readonly value: boolean;
  readonly reason: boolean;
  readonly expiresAt: boolean;
}

interface OverrideWrite {
  readonly environmentId: number;
  readonly rows: readonly OverrideRow[] | string;
  readonly given: GivenFields;
  readonly by: string;
  readonly now: number;
}

const assigned: Readonly<Record<keyof GivenFields, readonly string[]>> = {
  enabled: ["enabled"],
  value: ["value", "variants"],
  reason: ["reason"],
  expiresAt: ["expires_at", "is_expired"],
};

/** Which of the given fields a row changes. Variants carry a uuid of their own each time, so that their options are compared. */
function differs(given: GivenFields): RawBuilder<unknown> {
  const unlike = (column: string) =>
    sql.raw(
      `coalesce(cast(identity_overrides.${column} as text), '') <> coalesce(cast(excluded.${column} as text), '')`,
    );
  const parts = [
    ...(given.enabled ? [unlike("enabled")] : []),
    ...(given.value ? [unlike("value"), unlike("variants")] : []),
    ...(given.reason ? [unlike("reason")] : []),
    ...(given.expiresAt ? [unlike("expires_at")] : []),
  ];
  return parts.length === 0 ? sql`1 = 0` : sql.join(parts, sql` or `);
}

/** Sets them for identities that exist; answers whose were made or changed. */
export async function writeOverrides(
  db: Database,
  capabilities: Capabilities,
  { environmentId, rows, given, by, now }: OverrideWrite,
): Promise<string[]> {
  const fields = (Object.keys(assigned) as (keyof GivenFields)[]).filter((field) => given[field]);
  const set = fields.flatMap((field) => assigned[field]).map((column) => sql.raw(`${column} = excluded.${column}`));
  const text = (at: number) => sql.raw(`item.value ->> ${at}`);
  const whole = (at: number, type = "integer") => sql.raw(`cast(item.value ->> ${at} as ${type})`);
  const expired = sql`case when ${whole(7, "bigint")} <= ${now} then 1 else 0 end`;
  const { rows: written } = await sql<{ identifier: string }>`
    insert into identity_overrides (environment_id, identifier, feature_id, uuid, enabled, value, hash_seed, variants,
      created_at, updated_at, reason, updated_by, expires_at, is_expired)
    select identities.environment_id, identities.identifier, ${whole(1)}, ${text(2)}, ${whole(3)}, ${text(4)}, ${text(2)},
      ${text(5)}, cast(${now} as bigint), cast(${now} as bigint), ${text(6)}, cast(${by} as text), ${whole(7, "bigint")}, ${expired}
    from ${items(capabilities, rows)} as item
    cross join identities where identities.environment_id = ${environmentId} and identities.identifier = item.value ->> 0
    on conflict (environment_id, identifier, feature_id) do update set
      ${sql.join([...set, sql`updated_at = excluded.updated_at`, sql`updated_by = excluded.updated_by`])}
      where ${differs(given)}
    returning identifier`.execute(db);
  if (written.length > 0) await noteOverrides(db, capabilities, environmentId, rows);
  return written.map((row) => row.identifier);
}

async function noteOverrides(
  db: Database,
  capabilities: Capabilities,
  environmentId: number,
  rows: readonly OverrideRow[] | string,
): Promise<void> {
  await sql`update identities set has_overrides = 1
    where environment_id = ${environmentId} and has_overrides = 0
      and identifier in (select item.value ->> 0 from ${items(capabilities, rows)} as item)`.execute(db);
}

/** Answers whose were there. */
export async function removeOverrides(
  db: Database,
  capabilities: Capabilities,
  environmentId: number,
  featureId: number,
  identifiers: readonly string[],
): Promise<string[]> {
  const named = items(
    capabilities,
    identifiers.map((identifier) => [identifier]),
  );
  const { rows } = await sql<{ identifier: string }>`
    delete from identity_overrides where environment_id = ${environmentId} and feature_id = ${featureId}
      and identifier in (select item.value ->> 0 from ${named} as item) returning identifier`.execute(db);
  const gone = items(
    capabilities,
    rows.map((row) => [row.identifier]),
  );
  if (rows.length > 0) {
    await sql`update identities set has_overrides = 0
      where environment_id = ${environmentId} and identifier in (select item.value ->> 0 from ${gone} as item)
        and not exists (select 1 from identity_overrides o
          where o.environment_id = identities.environment_id and o.identifier = identities.identifier)`.execute(db);
  }
  return rows.map((row) => row.identifier);
}

/** Lays `patch` (a JSON object, null deletes) over their traits; answers whose changed. */
export async function patchTraits(
  db: Database,
  capabilities: Capabilities,
  environmentId: number,
  ids: readonly number[],
  patch: string,
): Promise<string[]> {
  const named = items(
    capabilities,
    ids.map((id) => [id]),
  );
  const { rows } = await sql<{ identifier: string }>`
    update identities set traits = ${filled(capabilities.mergeTraits, patch)}
    where environment_id = ${environmentId}
      and id in (select cast(item.value ->> 0 as integer) from ${named} as item)
      and traits <> ${filled(capabilities.mergeTraits, patch)}
    returning identifier`.execute(db);
  return rows.map((row) => row.identifier);
}

export interface Deleted {
  readonly identifiers: readonly string[];
  readonly overrides: number;
}

/** With their overrides. `unseenSince`: only those that were not seen from that day on. */
export async function deleteIdentities(
  db: Database,
  capabilities: Capabilities,
  environmentId: number,
  ids: readonly number[],
  unseenSince?: number,
): Promise<Deleted> {
  const named = items(
    capabilities,
    ids.map((id) => [id]),
  );
  const unseen = unseenSince === undefined ? sql`` : sql` and last_seen_day < ${unseenSince}`;
  const { rows } = await sql<{ identifier: string; has_overrides: number }>`
    delete from identities where environment_id = ${environmentId}
      and id in (select cast(item.value ->> 0 as integer) from ${named} as item)${unseen}
    returning identifier, has_overrides`.execute(db);
  const gone = items(
    capabilities,
    rows.map((row) => [row.identifier]),
  );
  const removed = rows.some((row) => row.has_overrides === 1)
    ? await sql`delete from identity_overrides where environment_id = ${environmentId}
        and identifier in (select item.value ->> 0 from ${gone} as item)`.execute(db)
    : undefined;
  return { identifiers: rows.map((row) => row.identifier), overrides: Number(removed?.numAffectedRows ?? 0) };
}

const total = (rows: readonly { n: number | string | null }[]): number => Number(rows[0]?.n ?? 0);

/** Of these identities, how many have an override of the feature. */
export async function countOverridden(
  db: Database,
  capabilities: Capabilities,
  environmentId: number,
  featureId: number,
  ids: readonly number[],
): Promise<number> {
  const named = items(
    capabilities,
    ids.map((id) => [id]),
  );
  const { rows } = await sql<{ n: number | string }>`
    select count(*) as n from identities cross join identity_overrides o
    where o.environment_id = identities.environment_id and o.identifier = identities.identifier
      and identities.environment_id = ${environmentId} and o.feature_id = ${featureId}
      and identities.id in (select cast(item.value ->> 0 as integer) from ${named} as item)`.execute(db);
  return total(rows);
}

/** Of these identities, how many have an override that differs in the fields of `wanted`. */
export async function countUnlike(
  db: Database,
  capabilities: Capabilities,
  environmentId: number,
  ids: readonly number[],
  wanted: OverrideRow,
  given: GivenFields,
): Promise<number> {
  const named = items(
    capabilities,
    ids.map((id) => [id]),
  );
  const [, featureId, , enabled, value, variants, reason, expiresAt] = wanted;
  const unlike = [
    ...(given.enabled ? [sql`o.enabled <> ${enabled}`] : []),
    ...(given.value ? [sql`o.value <> ${value}`, sql`o.variants <> ${variants}`] : []),
    ...(given.reason ? [sql`coalesce(o.reason, '') <> ${reason ?? ""}`] : []),
    ...(given.expiresAt ? [sql`coalesce(o.expires_at, 0) <> ${expiresAt ?? 0}`] : []),
  ];
  if (unlike.length === 0) return 0;
  const { rows } = await sql<{ n: number | string }>`
    select count(*) as n from identities cross join identity_overrides o
    where o.environment_id = identities.environment_id and o.identifier = identities.identifier
      and identities.environment_id = ${environmentId} and o.feature_id = ${featureId}
      and identities.id in (select cast(item.value ->> 0 as integer) from ${named} as item)
      and (${sql.join(unlike, sql` or `)})`.execute(db);
  return total(rows);
}

/** Of these identities, how many `patch` would change. */
export async function countPatched(
  db: Database,
  capabilities: Capabilities,
  environmentId: number,
  ids: readonly number[],
  patch: string,
): Promise<number> {
  const named = items(
    capabilities,
    ids.map((id) => [id]),
  );
  const { rows } = await sql<{ n: number | string }>`
    select count(*) as n from identities where environment_id = ${environmentId}
      and id in (select cast(item.value ->> 0 as integer) from ${named} as item)
      and traits <> ${filled(capabilities.mergeTraits, patch)}`.execute(db);
  return total(rows);
}
