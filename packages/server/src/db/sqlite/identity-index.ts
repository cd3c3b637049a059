/**
 * The index of identities in SQLite: tables without row numbers for traits, trigrams of identifiers in FTS5, which keeps no copy of
 * the text. Triggers note changes; `follow` brings some of them into the index in one transaction of the writer thread.
 */
import type { HotLane } from "../database.ts";
import type { IdentityIndex } from "../identity-index.ts";
import { createPace, type Paces } from "../pace.ts";
import type { TogetherStatement } from "./protocol.ts";

const count = (table: string, event: "insert" | "delete", row: "new" | "old", by: string) =>
  `create trigger ${table}_${event} after ${event} on ${table} begin
    update trait_keys set count = count ${by} 1 where id = ${row}.key_id; end`;

const entries = (table: string, type: string) => `create table ${table} (
  environment_id integer not null, key_id integer not null, value ${type} not null, identity_id integer not null,
  primary key (environment_id, key_id, value, identity_id)) strict, without rowid`;

const note = (traits: string, isRenamed: string, row: "new" | "old") =>
  `insert into identity_changes (environment_id, identity_id, traits, is_renamed) values (${row}.environment_id, ${row}.id, ${traits}, ${isRenamed})`;

export const sqliteIdentityIndex: readonly string[] = [
  entries("trait_texts", "text"),
  entries("trait_numbers", "real"),
  ...["trait_texts", "trait_numbers"].flatMap((table) => [
    count(table, "insert", "new", "+"),
    count(table, "delete", "old", "-"),
  ]),
  "create virtual table identity_terms using fts5(identifier, content='', contentless_delete=1, detail='none', tokenize='trigram')",
  // Numbers may come again once the table is empty: whoever empties it is the only one who reads it.
  `create table identity_changes (seq integer primary key, environment_id integer not null, identity_id integer not null,
    traits text, is_renamed integer not null) strict`,
  `create trigger identities_insert_change after insert on identities begin ${note("null", "1", "new")}; end`,
  `create trigger identities_update_change after update of traits, identifier on identities
    when old.traits is not new.traits or old.identifier is not new.identifier begin
    ${note("old.traits", "old.identifier is not new.identifier", "old")}; end`,
  // Those that go with their environment are taken out as one.
  `create trigger identities_delete_change after delete on identities
    when exists (select 1 from environments where id = old.environment_id) begin ${note("old.traits", "1", "old")}; end`,
  `create trigger environments_delete_sweep after delete on environments begin
    insert or ignore into identity_sweeps (environment_id, next_id) values (old.id, 0); end`,
];

const typeOf =
  "case each.type when 'text' then 'string' when 'true' then 'boolean' when 'false' then 'boolean' else 'number' end";
const isScalar = "each.type in ('text', 'integer', 'real', 'true', 'false')";
const numberOf = "case each.type when 'true' then 1.0 when 'false' then 0.0 else cast(each.atom as real) end";

/** The tables' three columns that differ: which of the values they hold, and how. */
const kinds = [
  { table: "trait_texts", value: "substr(each.atom, 1, 256)", holds: "each.type = 'text'" },
  { table: "trait_numbers", value: numberOf, holds: "each.type in ('integer', 'real', 'true', 'false')" },
];
type Kind = (typeof kinds)[number];

const changed = "(select identity_id from identity_changes where seq <= ?1)";
const renamed = "(select identity_id from identity_changes where seq <= ?1 and is_renamed = 1)";
const takenByChange = `(select * from identities where id in ${changed}) as i`;
const takenByFill = "(select * from identities where environment_id = ?1 and id > ?2 and id <= ?3) as i";
const day = "i.last_seen_day * 86400000";

/** `taken` is identities with the alias i. */
function addKeys(taken: string, seen: { readonly first: string; readonly last: string }): string {
  return `insert into trait_keys (environment_id, key, type, count, first_seen_at, last_seen_at)
    select i.environment_id, each.key, ${typeOf}, 0, min(${seen.first}), max(${seen.last}) from ${taken}, json_each(i.traits) as each
    where ${isScalar} group by 1, 2, 3
    on conflict (environment_id, key, type) do update set
      first_seen_at = min(first_seen_at, excluded.first_seen_at), last_seen_at = max(last_seen_at, excluded.last_seen_at)`;
}

/**
 * As rows of the table. `taken` is what has traits, with the alias `i` and the identity's number as given. The joins are crossed so that
 * each trait is looked up among the keys: the other way about, every key of the environment is looked for among the traits.
 */
const entriesOf = (taken: string, identity: string, { value, holds }: Kind) =>
  `select i.environment_id, k.id, ${value}, ${identity} from ${taken} cross join json_each(i.traits) as each
    cross join trait_keys as k on k.environment_id = i.environment_id and k.key = each.key and k.type = ${typeOf}
    where ${holds}`;

const addEntries = (taken: string, kind: Kind) =>
  `insert or ignore into ${kind.table} (environment_id, key_id, value, identity_id)
    ${entriesOf(taken, "i.id", kind)} order by 1, 2, 3, 4`;

/**
 * What the identities held before and do not hold any more: a difference of two sets, since looking each trait up among the others
 * takes minutes where one identity has ten thousands of them, and all writers wait for it. Wrapped once more, because SQLite reads
 * the whole table beside a bare difference.
 */
const removeEntries = (kind: Kind) =>
  `delete from ${kind.table} where (environment_id, key_id, value, identity_id) in (
    select * from (${entriesOf("(select * from identity_changes where seq <= ?1) as i", "i.identity_id", kind)}
      except ${entriesOf(takenByChange, "i.id", kind)}))`;

const followSteps = [
  addKeys(takenByChange, { first: "?2", last: "?2" }),
  ...kinds.map(removeEntries),
  ...kinds.map((kind) => addEntries(takenByChange, kind)),
  `delete from identity_terms where rowid in (select id from identity_terms_docsize where id in ${renamed})`,
  `insert into identity_terms (rowid, identifier) select id, identifier from identities where id in ${renamed}`,
  "delete from identity_changes where seq <= ?1",
];

const fillSteps = [
  addKeys(takenByFill, { first: "i.created_at", last: day }),
  ...kinds.map((kind) => addEntries(takenByFill, kind)),
  `insert into identity_terms (rowid, identifier) select i.id, i.identifier from ${takenByFill}
    where not exists (select 1 from identity_terms_docsize as d where d.id = i.id)`,
  "update identity_fill set next_id = ?3 where environment_id = ?1",
  "delete from identity_fill where environment_id = ?1 and next_id >= last_id",
];

const sweepSteps = [
  ...kinds.map(
    ({ table }) => `delete from ${table} where (environment_id, key_id, value, identity_id) in (
      select environment_id, key_id, value, identity_id from ${table} where environment_id = ?1 limit ?3)`,
  ),
  `delete from identity_terms where rowid in (select d.id from identity_terms_docsize as d
    where d.id > ?2 and d.id <= ?2 + ?3 and not exists (select 1 from identities as i where i.id = d.id))`,
  "update identity_sweeps set next_id = next_id + ?3 where environment_id = ?1",
  `delete from identity_sweeps where environment_id = ?1 and next_id > (select coalesce(max(id), 0) from identity_terms_docsize)
    and not exists (select 1 from trait_texts where environment_id = ?1)
    and not exists (select 1 from trait_numbers where environment_id = ?1)`,
  `delete from trait_keys where environment_id = ?1 and not exists (select 1 from identity_sweeps where environment_id = ?1)`,
];

/** Only as many parameters as each text names. */
function withParameters(steps: readonly string[], parameters: readonly number[]): TogetherStatement[] {
  return steps.map((sql) => {
    const used = Math.max(0, ...[...sql.matchAll(/\?(\d)/g)].map(([, number]) => Number(number)));
    return { sql, parameters: parameters.slice(0, used) };
  });
}

/**
 * Of the writer, which others wait for: half of it while they do not, a fifth beside a few writes. In a crowd a twenty-fifth, in steps that
 * those who wait hardly notice (sixty-four callers keep the serving thread busy for four milliseconds): with a tenth it would fall behind such
 * a crowd all the same, and take nearly a tenth of its writes.
 */
const paces: Paces = {
  alone: { stepMs: 10, restShare: 1 },
  beside: { stepMs: 5, restShare: 4 },
  inCrowd: { stepMs: 3, restShare: 24 },
  crowd: 3,
};

export interface IndexPorts {
  /** Sees what is committed. */
  readonly read: HotLane["get"];
  readonly together: (statements: readonly TogetherStatement[]) => Promise<unknown>;
  /** How many writes others have asked for so far. */
  readonly writes: () => number;
}

export function createSqliteIdentityIndex({ read, together, writes }: IndexPorts): IdentityIndex {
  const pace = createPace(paces, writes);

  async function follow(limit: number, now: number): Promise<boolean> {
    const row = await read<{ last: number; hit: number }>(
      "SELECT max(seq) AS last, count(*) AS hit FROM (SELECT seq FROM identity_changes ORDER BY seq LIMIT ?)",
      [limit],
    );
    if (!row || row.hit === 0) return false;
    await together(withParameters(followSteps, [row.last, now]));
    return true;
  }

  async function fill(limit: number): Promise<boolean> {
    const row = await read<{ environment_id: number; next_id: number; last_id: number }>(
      "SELECT environment_id, next_id, last_id FROM identity_fill ORDER BY environment_id LIMIT 1",
      [],
    );
    if (!row) return false;
    const to = await read<{ last: number | null }>(
      "SELECT max(id) AS last FROM (SELECT id FROM identities WHERE environment_id = ? AND id > ? ORDER BY id LIMIT ?)",
      [row.environment_id, row.next_id, limit],
    );
    const last = Math.min(to?.last ?? row.last_id, row.last_id);
    await together(withParameters(fillSteps, [row.environment_id, row.next_id, last]));
    return true;
  }

  async function sweep(limit: number): Promise<boolean> {
    const row = await read<{ environment_id: number; next_id: number }>(
      "SELECT environment_id, next_id FROM identity_sweeps ORDER BY environment_id LIMIT 1",
      [],
    );
    if (!row) return false;
    await together(withParameters(sweepSteps, [row.environment_id, row.next_id, limit]));
    return true;
  }

  return {
    pace,
    follow: async (limit, now) => (await follow(limit, now)) || (await fill(limit)) || (await sweep(limit)),
  };
}
