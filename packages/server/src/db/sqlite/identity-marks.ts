/** Marks of changed identities on SQLite: a trigger for each kind of write. */
import { type Kysely, sql } from "kysely";
import type { IdentityMarks } from "../database.ts";
import type { Tables } from "../tables.ts";
import { isAnyWatching } from "../watching.ts";

/** A webhook of the row's environment, or of its organisation, wants to know. */
const watched = (row: string): string => `EXISTS (
    SELECT 1 FROM webhooks w
    JOIN projects p ON p.organisation_id = w.organisation_id
    JOIN environments e ON e.project_id = p.id
    WHERE w.watches_identities = 1 AND w.enabled = 1 AND e.id = ${row}.environment_id
      AND (w.environment_id IS NULL OR w.environment_id = e.id))`;

/** Not `INSERT OR IGNORE`: inside a trigger the clause of the outer statement would count instead. */
const mark = (row: string, feature: string, held: string): string => `
  INSERT INTO identity_marks (environment_id, identifier, feature_id, held, marked_at)
  SELECT ${row}.environment_id, ${row}.identifier, ${feature}, ${held}, CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE NOT EXISTS (SELECT 1 FROM identity_marks m WHERE m.environment_id = ${row}.environment_id
    AND m.identifier = ${row}.identifier AND m.feature_id = ${feature});`;

interface Marked {
  readonly table: string;
  readonly columns: string;
  readonly feature: (row: string) => string;
  readonly held: string;
  readonly differs: string;
}

const identity: Marked = {
  table: "identities",
  columns: "traits, identifier",
  feature: () => "0",
  held: "json_object('id', OLD.id, 'traits', OLD.traits)",
  differs: "OLD.traits IS NOT NEW.traits OR OLD.identifier <> NEW.identifier",
};

const override: Marked = {
  table: "identity_overrides",
  columns: "enabled, value, variants, is_expired, identifier",
  feature: (row) => `${row}.feature_id`,
  held: `json_object('id', OLD.id, 'enabled', OLD.enabled, 'value', OLD.value, 'variants', OLD.variants,
    'is_expired', OLD.is_expired)`,
  differs: `OLD.enabled <> NEW.enabled OR OLD.value <> NEW.value OR OLD.variants <> NEW.variants
    OR OLD.is_expired <> NEW.is_expired OR OLD.identifier <> NEW.identifier`,
};

function triggersOf({ table, columns, feature, held, differs }: Marked): Record<string, string> {
  return {
    [`mark_${table}_insert`]: `AFTER INSERT ON ${table} WHEN ${watched("NEW")}
      BEGIN ${mark("NEW", feature("NEW"), "NULL")} END`,
    // A new identifier is one identity gone and another one come.
    [`mark_${table}_update`]: `AFTER UPDATE OF ${columns} ON ${table} WHEN (${differs}) AND ${watched("OLD")}
      BEGIN ${mark("OLD", feature("OLD"), held)} ${mark("NEW", feature("NEW"), "NULL")} END`,
    [`mark_${table}_delete`]: `AFTER DELETE ON ${table} WHEN ${watched("OLD")}
      BEGIN ${mark("OLD", feature("OLD"), held)} END`,
  };
}

const triggers = { ...triggersOf(identity), ...triggersOf(override) };
const names = Object.keys(triggers);

export function createSqliteMarks(db: Kysely<Tables>): IdentityMarks {
  const areKept = async (trx: Kysely<Tables>): Promise<boolean> => {
    const { rows } = await sql<{ name: string }>`
      select name from sqlite_master where type = 'trigger' and name in (${sql.join(names)})`.execute(trx);
    return rows.length === names.length;
  };
  return {
    areKept: () => areKept(db),
    follow: () =>
      db.transaction().execute(async (trx) => {
        const isWanted = await isAnyWatching(trx);
        if (isWanted === (await areKept(trx))) return;
        for (const [name, body] of Object.entries(triggers)) {
          const text = isWanted ? `CREATE TRIGGER IF NOT EXISTS ${name} ${body}` : `DROP TRIGGER IF EXISTS ${name}`;
          await sql.raw(text).execute(trx);
        }
      }),
  };
}
