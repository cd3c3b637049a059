/** Marks of changed identities on PostgreSQL: triggers that see all rows of a statement at once, since hot writes change many. */
import { type Kysely, sql } from "kysely";
import { isAppError } from "../../errors.ts";
import type { IdentityMarks } from "../database.ts";
import type { Tables } from "../tables.ts";
import { isAnyWatching } from "../watching.ts";

/** Changing triggers waits for running writes, and new writes wait behind it: not for long. */
const lockWaitMs = 500;
const tries = 6;
const pauseMs = 250;

interface Marked {
  readonly table: string;
  readonly feature: (row: string) => string;
  readonly held: string;
  readonly differs: string;
}

const identity: Marked = {
  table: "identities",
  feature: () => "0",
  held: "json_build_object('id', o.id, 'traits', o.traits::text)::text",
  differs: "o.traits::text <> n.traits::text",
};

const override: Marked = {
  table: "identity_overrides",
  feature: (row) => `${row}.feature_id`,
  held: `json_build_object('id', o.id, 'enabled', o.enabled, 'value', o.value, 'variants', o.variants,
    'is_expired', o.is_expired)::text`,
  differs: "o.enabled <> n.enabled or o.value <> n.value or o.variants <> n.variants or o.is_expired <> n.is_expired",
};

/**
 * A mark that is there already is locked by writing it anew: whoever empties the marks passes over it until this change is
 * committed, and tells of both then. Sorted, so that two statements never wait crosswise.
 */
const insert = (rows: string): string => `
  insert into identity_marks (environment_id, identifier, feature_id, held, marked_at)
  select r.environment_id, r.identifier, r.feature_id, r.held, now_ms
  from (${rows}) as r (environment_id, identifier, feature_id, held)
  where exists (
    select 1 from webhooks w
    join projects p on p.organisation_id = w.organisation_id
    join environments e on e.project_id = p.id
    where w.watches_identities = 1 and w.enabled = 1 and e.id = r.environment_id
      and (w.environment_id is null or w.environment_id = e.id))
  order by 1, 2, 3
  on conflict (environment_id, identifier, feature_id) do update set marked_at = identity_marks.marked_at;`;

function bodyOf({ feature, held, differs }: Marked): string {
  const paired = "old_rows o join new_rows n on n.environment_id = o.environment_id and n.id = o.id";
  const old = `select o.environment_id, o.identifier, ${feature("o")}, ${held}`;
  const fresh = `select n.environment_id, n.identifier, ${feature("n")}, null::text`;
  // A new identifier is one identity gone and another one come.
  return `
declare now_ms bigint := (extract(epoch from clock_timestamp()) * 1000)::bigint;
begin
  if tg_op = 'INSERT' then
    ${insert(`${fresh} from new_rows n`)}
  elsif tg_op = 'UPDATE' then
    ${insert(`${old} from ${paired} where (${differs}) or o.identifier <> n.identifier`)}
    ${insert(`${fresh} from ${paired} where o.identifier <> n.identifier`)}
  else
    ${insert(`${old} from old_rows o`)}
  end if;
  return null;
end`;
}

const rowsSeen = {
  insert: "new table as new_rows",
  update: "old table as old_rows new table as new_rows",
  delete: "old table as old_rows",
} as const;
const events = Object.keys(rowsSeen) as (keyof typeof rowsSeen)[];
const tables = [identity, override] as const;
const names = tables.flatMap(({ table }) => events.map((event) => `mark_${table}_${event}`));

async function start(trx: Kysely<Tables>): Promise<void> {
  for (const marked of tables) {
    const name = `mark_${marked.table}`;
    await sql
      .raw(`create or replace function ${name}() returns trigger language plpgsql as $body$${bodyOf(marked)}$body$`)
      .execute(trx);
    for (const event of events) {
      await sql.raw(`drop trigger if exists ${name}_${event} on ${marked.table}`).execute(trx);
      await sql
        .raw(
          `create trigger ${name}_${event} after ${event} on ${marked.table}
           referencing ${rowsSeen[event]} for each statement execute function ${name}()`,
        )
        .execute(trx);
    }
  }
}

async function stop(trx: Kysely<Tables>): Promise<void> {
  for (const { table } of tables) {
    for (const event of events) await sql.raw(`drop trigger if exists mark_${table}_${event} on ${table}`).execute(trx);
  }
}

export function createPostgresMarks(db: Kysely<Tables>): IdentityMarks {
  const areKept = async (trx: Kysely<Tables>): Promise<boolean> => {
    const { rows } = await sql<{ name: string }>`
      select tgname as name from pg_trigger where tgname in (${sql.join(names)})
        and tgrelid in ('identities'::regclass, 'identity_overrides'::regclass)`.execute(trx);
    return rows.length === names.length;
  };
  const followOnce = (): Promise<void> =>
    db.transaction().execute(async (trx) => {
      // One node at a time, or one could end what another has just been asked for.
      await sql`select pg_advisory_xact_lock(hashtext('burgee identity marks'))`.execute(trx);
      const isWanted = await isAnyWatching(trx);
      if (isWanted === (await areKept(trx))) return;
      await sql.raw(`set local lock_timeout = ${lockWaitMs}`).execute(trx);
      await (isWanted ? start(trx) : stop(trx));
    });
  return {
    areKept: () => areKept(db),
    follow: async () => {
      for (let tried = 1; ; tried++) {
        try {
          return await followOnce();
        } catch (error) {
          if (tried === tries || !isAppError(error, "database_busy")) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    },
  };
}
