/** Rows of an import into identities: new ones made, traits of known ones laid over what they have. One statement each for a batch. */
import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import type { Capabilities } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

interface ImportRows {
  readonly environmentId: number;
  /** JSON list of [identifier, patch, initial or null, created or absent, last seen day or absent]. */
  readonly rows: string;
  /** How many. */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ImportEffect {
  readonly created: number;
  readonly changed: number;
}

const DAY_MS = 86_400_000;

function filled(text: string, value: RawBuilder<unknown>): RawBuilder<unknown> {
  const [before = "", after = ""] = text.split("?");
  return sql`${sql.raw(before)}${value}${sql.raw(after)}`;
}

const items = ({ eachItem }: Capabilities, rows: string) => filled(eachItem, sql`${rows}`);
const merged = ({ mergeTraits }: Capabilities, patch: string) => filled(mergeTraits, sql.raw(patch));

/**
 * The rows name different identities. Known ones are left out first: an insert that meets one uses up an id all the same. No planner
 * can think of reading all identities for it instead of looking each row up.
 */
export async function importRows(
  db: Database,
  capabilities: Capabilities,
  { environmentId, rows, count, now }: ImportRows,
): Promise<ImportEffect> {
  if (count === 0) return { created: 0, changed: 0 };
  const day = Math.floor(now / DAY_MS);
  const inserted = await sql`
    insert into identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day)
    select cast(${environmentId} as integer), item.value ->> 0,
      cast(coalesce(item.value ->> 2, item.value ->> 1) as ${sql.raw(capabilities.traitsType)}), 0,
      coalesce(cast(item.value ->> 3 as bigint), cast(${now} as bigint)),
      coalesce(cast(item.value ->> 4 as integer), cast(${day} as integer))
    from ${items(capabilities, rows)} as item
    where (select known.id from identities known
      where known.environment_id = ${environmentId} and known.identifier = item.value ->> 0 limit 1) is null
    on conflict (environment_id, identifier) do nothing`.execute(db);
  const created = Number(inserted.numAffectedRows ?? 0);
  if (created === count) return { created, changed: 0 };
  // Materialized, or SQLite reads all identities and looks for each among the rows.
  const updated = await sql`
    with incoming as materialized (
      select item.value ->> 0 as identifier, item.value ->> 1 as patch from ${items(capabilities, rows)} as item)
    update identities set traits = ${merged(capabilities, "(incoming.patch)")} from incoming
    where identities.environment_id = ${environmentId} and identities.identifier = incoming.identifier
      and identities.traits <> ${merged(capabilities, "(incoming.patch)")}`.execute(db);
  return { created, changed: Number(updated.numAffectedRows ?? 0) };
}

/** What `importRows` would do. In a transaction, which ends with it. */
export async function countRows(
  db: Transaction<Tables>,
  capabilities: Capabilities,
  { environmentId, rows, count }: ImportRows,
): Promise<ImportEffect> {
  if (count === 0) return { created: 0, changed: 0 };
  if (capabilities.lookUpByKey) await sql.raw(capabilities.lookUpByKey).execute(db);
  const { rows: found } = await sql<{ known: number | string; changed: number | string | null }>`
    select count(*) as known, sum(case when identities.traits <> ${merged(capabilities, "(item.value ->> 1)")} then 1 else 0 end) as changed
    from ${items(capabilities, rows)} as item
    cross join identities where identities.environment_id = ${environmentId}
      and identities.identifier = item.value ->> 0`.execute(db);
  const { known = 0, changed = 0 } = found[0] ?? {};
  return { created: count - Number(known), changed: Number(changed ?? 0) };
}
