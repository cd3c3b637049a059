/**
 * The index of identities in PostgreSQL. Triggers note changes: of single rows where they are updated, of whole statements where they are
 * inserted or deleted. `follow` brings some of them into the index, as of one moment; one node does, the others wait their turn.
 */
import { type Kysely, sql } from "kysely";
import type { IdentityIndex } from "../identity-index.ts";
import { createPace, type Paces } from "../pace.ts";
import type { Tables } from "../tables.ts";
import { lookUpByKey } from "./writes.ts";

const entries = (table: string, type: string) => `create table ${table} (
  environment_id integer not null, key_id integer not null, value ${type} not null, identity_id integer not null,
  primary key (environment_id, key_id, value, identity_id))`;

const count = (
  table: string,
  event: "insert" | "delete",
  rows: "new" | "old",
) => `create trigger ${table}_${event} after ${event} on ${table}
  referencing ${rows} table as changed for each statement execute function burgee_count_traits_${event}()`;

const countFunction = (
  event: "insert" | "delete",
  sign: string,
) => `create function burgee_count_traits_${event}() returns trigger
  language plpgsql as $$ begin
    update trait_keys set count = trait_keys.count ${sign} found.count
    from (select key_id, count(*) as count from changed group by key_id) as found where trait_keys.id = found.key_id;
    return null; end $$`;

/** Where the account may not make an extension, somebody else may have; without it, parts of identifiers are looked for one by one. */
const trigrams = `do $$ begin
  begin create extension if not exists pg_trgm; exception when others then null; end;
  begin create extension if not exists btree_gin; exception when others then null; end;
  begin
    create index identity_terms_identifier_idx on identity_terms using gin (environment_id, identifier gin_trgm_ops);
  exception when undefined_object then
    begin
      create index identity_terms_identifier_idx on identity_terms using gin (identifier gin_trgm_ops);
    exception when undefined_object then null; end;
  end;
end $$`;

const columns = "insert into identity_changes (environment_id, identity_id, traits, is_renamed)";

const noteFunction = (name: string, body: string) =>
  `create function burgee_note_${name}() returns trigger language plpgsql as $$ begin ${body}; return null; end $$`;

export const postgresIdentityIndex: readonly string[] = [
  entries("trait_texts", 'text collate "C"'),
  entries("trait_numbers", "double precision"),
  countFunction("insert", "+"),
  countFunction("delete", "-"),
  ...["trait_texts", "trait_numbers"].flatMap((table) => [
    count(table, "insert", "new"),
    count(table, "delete", "old"),
  ]),
  `create table identity_terms (environment_id integer not null, identity_id integer not null, identifier text collate "C" not null,
    primary key (environment_id, identity_id))`,
  trigrams,
  `create table identity_changes (seq bigint generated always as identity primary key, environment_id integer not null,
    identity_id integer not null, traits jsonb, is_renamed smallint not null)`,
  noteFunction("new_identities", `${columns} select environment_id, id, null, 1 from changed`),
  noteFunction(
    "changed_identity",
    `${columns} values (old.environment_id, old.id, old.traits, (old.identifier <> new.identifier)::int::smallint)`,
  ),
  // Those that go with their environment are taken out as one.
  noteFunction(
    "deleted_identities",
    `${columns} select environment_id, id, traits, 1 from changed where exists (select 1 from environments where id = changed.environment_id)`,
  ),
  noteFunction(
    "deleted_environments",
    "insert into identity_sweeps (environment_id, next_id) select id, 0 from changed on conflict do nothing",
  ),
  `create trigger identities_insert_change after insert on identities referencing new table as changed
    for each statement execute function burgee_note_new_identities()`,
  `create trigger identities_update_change after update of traits, identifier on identities for each row
    when (old.traits is distinct from new.traits or old.identifier is distinct from new.identifier)
    execute function burgee_note_changed_identity()`,
  `create trigger identities_delete_change after delete on identities referencing old table as changed
    for each statement execute function burgee_note_deleted_identities()`,
  `create trigger environments_delete_sweep after delete on environments referencing old table as changed
    for each statement execute function burgee_note_deleted_environments()`,
];

/** "burgee" and a number: whoever holds it is following. */
const followLock = 4020758;
const typeOf = "jsonb_typeof(each.value)";
const kinds = [
  { table: "trait_texts", value: "left(each.value #>> '{}', 256)", holds: `${typeOf} = 'string'` },
  {
    table: "trait_numbers",
    value: `case ${typeOf} when 'boolean' then (each.value::boolean)::int::float8 when 'number' then each.value::float8 end`,
    holds: `${typeOf} in ('number', 'boolean')`,
  },
];
type Kind = (typeof kinds)[number];

const changed = "select distinct environment_id, identity_id from identity_changes where seq > $3 and seq <= $1";
const takenByChange = `(${changed}) as c join identities as i on i.environment_id = c.environment_id and i.id = c.identity_id`;
const takenByFill = "(select * from identities where environment_id = $1 and id > $2 and id <= $3) as i";
const day = "i.last_seen_day * 86400000::bigint";

/** Not an upsert, which takes a number from the sequence for every key that is there already. */
function addKeys(taken: string, first: string, last: string): string[] {
  const found = `select i.environment_id, each.key, ${typeOf} as type, min(${first}) as first_at, max(${last}) as last_at
    from ${taken}, jsonb_each(i.traits) as each where ${typeOf} in ('string', 'number', 'boolean') group by 1, 2, 3`;
  return [
    `update trait_keys as k set first_seen_at = least(k.first_seen_at, found.first_at), last_seen_at = greatest(k.last_seen_at, found.last_at)
      from (${found}) as found
      where k.environment_id = found.environment_id and k.key = found.key and k.type = found.type`,
    `insert into trait_keys (environment_id, key, type, count, first_seen_at, last_seen_at)
      select environment_id, key, type, 0, first_at, last_at from (${found}) as found where not exists (select 1 from trait_keys as k
        where k.environment_id = found.environment_id and k.key = found.key and k.type = found.type)`,
  ];
}

/**
 * As rows of the table. `taken` is what has traits, with the alias `i` and the identity's number as given. OFFSET makes it look each trait
 * up among the keys: without it the planner, which expects few of either, compares all keys with all traits.
 */
const entriesOf = (taken: string, identity: string, { value, holds }: Kind) =>
  `select i.environment_id, k.id as key_id, ${value} as value, ${identity} as identity_id from ${taken} cross join jsonb_each(i.traits) as each
    cross join lateral (select id from trait_keys where environment_id = i.environment_id and key = each.key and type = ${typeOf} offset 0) as k
    where ${holds}`;

const addEntries = (taken: string, kind: Kind) =>
  `insert into ${kind.table} (environment_id, key_id, value, identity_id)
    ${entriesOf(taken, "i.id", kind)} order by 1, 2, 3, 4 on conflict do nothing`;

/**
 * What the identities held before and do not hold any more: a difference of two sets, since looking each trait up among the others
 * takes minutes where one identity has ten thousands of them.
 */
const removeEntries = (kind: Kind) =>
  `delete from ${kind.table} as t using (
    ${entriesOf("(select * from identity_changes where seq > $3 and seq <= $1) as i", "i.identity_id", kind)}
    except ${entriesOf(takenByChange, "i.id", kind)}) as gone
    where t.environment_id = gone.environment_id and t.key_id = gone.key_id and t.value = gone.value
      and t.identity_id = gone.identity_id`;

const followSteps = [
  ...addKeys(takenByChange, "$2::bigint", "$2::bigint"),
  ...kinds.map(removeEntries),
  ...kinds.map((kind) => addEntries(takenByChange, kind)),
  `delete from identity_terms as t using (${changed} and is_renamed = 1) as c
    where t.environment_id = c.environment_id and t.identity_id = c.identity_id`,
  `insert into identity_terms (environment_id, identity_id, identifier)
    select i.environment_id, i.id, i.identifier from (${changed} and is_renamed = 1) as c
    join identities as i on i.environment_id = c.environment_id and i.id = c.identity_id on conflict do nothing`,
  "delete from identity_changes where seq > $3 and seq <= $1",
];

const fillSteps = [
  ...addKeys(takenByFill, "i.created_at", day),
  ...kinds.map((kind) => addEntries(takenByFill, kind)),
  `insert into identity_terms (environment_id, identity_id, identifier)
    select i.environment_id, i.id, i.identifier from ${takenByFill} on conflict do nothing`,
  "update identity_fill set next_id = $3 where environment_id = $1",
  "delete from identity_fill where environment_id = $1 and next_id >= last_id",
];

const sweepSteps = [
  ...["trait_texts", "trait_numbers", "identity_terms"].map(
    (table) =>
      `delete from ${table} where ctid = any(array(select ctid from ${table} where environment_id = $1 limit $2))`,
  ),
  `delete from identity_sweeps where environment_id = $1 and not exists (select 1 from trait_texts where environment_id = $1)
    and not exists (select 1 from trait_numbers where environment_id = $1)
    and not exists (select 1 from identity_terms where environment_id = $1)`,
  "delete from trait_keys where environment_id = $1 and not exists (select 1 from identity_sweeps where environment_id = $1)",
];

/** As many steps as there are, each with as many parameters as it names. */
async function run(trx: Kysely<Tables>, steps: readonly string[], parameters: readonly number[]): Promise<void> {
  for (const step of steps) {
    const parts = step.split(/\$(\d)/);
    const texts = parts.filter((_, at) => at % 2 === 0);
    const values = parts.flatMap((part, at) => (at % 2 === 1 ? [parameters[Number(part) - 1] ?? null] : []));
    const template = texts.reduce(
      (built, text, at) => (at === 0 ? sql.raw(text) : sql`${built}${values[at - 1]}${sql.raw(text)}`),
      sql``,
    );
    await template.execute(trx);
  }
}

/**
 * Nobody waits for it: at most half of one of the server's cores, in steps that make up for the ways to it. Only behind so many writes of this
 * node that it would fall behind either way it takes a tenth: they need these cores, too.
 */
const half = { stepMs: 500, restShare: 1 };
const paces: Paces = { alone: half, beside: half, inCrowd: { stepMs: 100, restShare: 9 }, crowd: 5 };

/** `writes` counts what this node has written for others so far. */
export function createPostgresIdentityIndex(kysely: Kysely<Tables>, writes: () => number): IdentityIndex {
  const pace = createPace(paces, writes);

  async function first<Row>(trx: Kysely<Tables>, query: ReturnType<typeof sql<Row>>): Promise<Row | undefined> {
    return (await query.execute(trx)).rows[0];
  }

  /**
   * Rows up to here are followed, but for those of transactions that were slow to commit: these are looked for when there is nothing
   * beyond. To begin at the front each time would mean to pass all rows that are deleted and not vacuumed yet.
   */
  let beyond = 0;

  async function follow(trx: Kysely<Tables>, limit: number, now: number): Promise<boolean> {
    for (const from of beyond > 0 ? [beyond, 0] : [0]) {
      const row = await first(
        trx,
        sql<{ last: number | null }>`select max(seq) as last from
          (select seq from identity_changes where seq > ${from} order by seq limit ${limit}) as s`,
      );
      if (!row || row.last === null) continue;
      await run(trx, followSteps, [row.last, now, from]);
      beyond = row.last;
      return true;
    }
    return false;
  }

  async function fill(trx: Kysely<Tables>, limit: number): Promise<boolean> {
    const row = await trx.selectFrom("identity_fill").selectAll().orderBy("environment_id").limit(1).executeTakeFirst();
    if (!row) return false;
    const to = await first(
      trx,
      sql<{ last: number | null }>`select max(id) as last from (select id from identities
        where environment_id = ${row.environment_id} and id > ${row.next_id} order by id limit ${limit}) as s`,
    );
    const last = Math.min(to?.last ?? row.last_id, row.last_id);
    await run(trx, fillSteps, [row.environment_id, row.next_id, last]);
    return true;
  }

  async function sweep(trx: Kysely<Tables>, limit: number): Promise<boolean> {
    const row = await trx
      .selectFrom("identity_sweeps")
      .selectAll()
      .orderBy("environment_id")
      .limit(1)
      .executeTakeFirst();
    if (!row) return false;
    await run(trx, sweepSteps, [row.environment_id, limit]);
    return true;
  }

  return {
    pace,
    follow: (limit, now) =>
      kysely
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute(async (trx) => {
          const lock = await first(
            trx,
            sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${sql.lit(followLock)}) as held`,
          );
          if (!lock?.held) return false;
          await sql
            .raw(`select ${lookUpByKey.map((name) => `set_config('${name}', 'off', true)`).join(", ")}`)
            .execute(trx);
          return (await follow(trx, limit, now)) || (await fill(trx, limit)) || (await sweep(trx, limit));
        })
        .catch((error: unknown) => {
          beyond = 0;
          throw error;
        }),
  };
}
