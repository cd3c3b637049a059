/** What the two databases say differently when identities (alias i) are looked through. Every condition is true or false, never null. */
import type { QueryValue, TextMatch } from "@burgee/contract/query";
import type { DbLocation } from "../db/identity-index.ts";
import { type Fragment, fragment } from "./fragment.ts";

export interface Dialect {
  /** The trait has this value, of this type. */
  traitIs(key: string, value: QueryValue): Fragment;
  traitIsOrdered(key: string, comparison: string, value: string | number): Fragment;
  traitMatches(key: string, match: TextMatch): Fragment;
  hasTrait(key: string): Fragment;
  identifierMatches(match: TextMatch): Fragment;
  /** Ids of identities whose identifiers may contain the text; undefined where no index helps with this one. */
  containing(environmentId: number, text: string): Containing | undefined;
  /** Whether a text may be sent: none that does not fit into a column can be in one. */
  isStorable(text: string): boolean;
  /** Identities, in the order of an index that begins with the environment and `column`. */
  identitiesBy(column: "id" | "identifier" | "last_seen_day" | "created_at"): string;
  /** What follows FROM: identities (alias i) of an environment, whose ids `c` has. Looked up one by one, whatever the planner thinks of it. */
  identitiesOf(c: Fragment, environmentId: number): Fragment;
  /** What follows FROM: overrides (alias o), each with its identity (alias i). */
  readonly overridesWithIdentities: string;
  /** Table expression, one parameter: the numbers of a JSON list as rows with a column `id`. */
  readonly idList: string;
  /** Features that i has overrides of that have not ended, with commas between, or null. */
  readonly features: string;
}

export interface Containing {
  /** A select of a column `id`. */
  readonly ids: Fragment;
  /** The column that it can be cut by, since the index has it in this order; undefined where it has not. */
  readonly orderedBy?: string;
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

const lengthOf = (text: string): number => [...text].length;

const quotable = /^[^"\\\p{Cc}]+$/u;

/** Keys go into a path where that is safe, which is faster, and are compared as values else. */
function traitInSqlite(key: string): { readonly type: Fragment; readonly value: Fragment } {
  if (quotable.test(key) && key.isWellFormed()) {
    const path = `$."${key}"`;
    return { type: fragment("json_type(i.traits, ?)", path), value: fragment("json_extract(i.traits, ?)", path) };
  }
  return {
    type: fragment("(select type from json_each(i.traits) where key = ?)", key),
    value: fragment("(select atom from json_each(i.traits) where key = ?)", key),
  };
}

function textInSqlite({ sql, parameters }: Fragment, { mode, text }: TextMatch): Fragment {
  if (mode === "exact") return fragment(`${sql} = ?`, ...parameters, text);
  if (mode === "contains") return fragment(`${sql} like ? escape '\\'`, ...parameters, `%${escapeLike(text)}%`);
  const from = mode === "prefix" ? `1, ${lengthOf(text)}` : `-${lengthOf(text)}`;
  return fragment(`substr(${sql}, ${from}) = ?`, ...parameters, text);
}

const numbers = "in ('integer', 'real')";

const whole = (condition: Fragment): Fragment => ({ ...condition, sql: `coalesce(${condition.sql}, false)` });

const sqliteDialect: Dialect = {
  traitIs: (key, wanted) => {
    const { type, value } = traitInSqlite(key);
    if (typeof wanted === "boolean") return whole(fragment(`${type.sql} = ?`, ...type.parameters, String(wanted)));
    if (typeof wanted === "string") return whole(fragment(`${value.sql} = ?`, ...value.parameters, wanted));
    return whole(
      fragment(`${value.sql} = ? and ${type.sql} ${numbers}`, ...value.parameters, wanted, ...type.parameters),
    );
  },
  traitIsOrdered: (key, comparison, wanted) => {
    const { type, value } = traitInSqlite(key);
    const is = typeof wanted === "string" ? "= 'text'" : numbers;
    return whole(
      fragment(`${value.sql} ${comparison} ? and ${type.sql} ${is}`, ...value.parameters, wanted, ...type.parameters),
    );
  },
  traitMatches: (key, match) => {
    const { type, value } = traitInSqlite(key);
    const { sql, parameters } = textInSqlite(value, match);
    return whole(fragment(`${type.sql} = 'text' and ${sql}`, ...type.parameters, ...parameters));
  },
  hasTrait: (key) => {
    const { type } = traitInSqlite(key);
    return fragment(`${type.sql} is not null`, ...type.parameters);
  },
  identifierMatches: (match) => textInSqlite(fragment("i.identifier"), match),
  containing: (_, text) => {
    const letters = [...text];
    if (letters.length < 3 || !isStorableInSqlite(text)) return undefined;
    const trigrams = new Set(letters.slice(2).map((_, at) => letters.slice(at, at + 3).join("")));
    const wanted = [...trigrams].map((trigram) => `"${trigram.replace(/"/g, '""')}"`).join(" AND ");
    return {
      ids: fragment("select rowid as id from identity_terms where identity_terms match ?", wanted),
      orderedBy: "rowid",
    };
  },
  isStorable: isStorableInSqlite,
  identitiesBy: (column) => `identities as i${sqliteIndexes[column]}`,
  identitiesOf: ({ sql, parameters }, environmentId) =>
    fragment(
      `${sql} as c cross join identities as i where i.environment_id = ? and i.id = c.id`,
      ...parameters,
      environmentId,
    ),
  overridesWithIdentities:
    "identity_overrides as o cross join identities as i on i.environment_id = o.environment_id and i.identifier = o.identifier",
  idList: "(select value as id from json_each(?))",
  features:
    "(select group_concat(o.feature_id) from identity_overrides as o where o.environment_id = i.environment_id and o.identifier = i.identifier and o.is_expired = 0)",
};

const sqliteIndexes = {
  id: " indexed by identities_environment_id_id_idx",
  identifier: "",
  last_seen_day: " indexed by identities_environment_id_last_seen_day_idx",
  created_at: " indexed by identities_environment_id_created_at_idx",
} as const;

/** FTS5 reads up to the first NUL. */
function isStorableInSqlite(text: string): boolean {
  return !text.includes("\u0000") && text.isWellFormed();
}

const textOf = '(i.traits ->> ?::text) collate "C"';
const typeOf = "jsonb_typeof(i.traits -> ?::text)";

/** Of a text that is written twice at most, once for each `?` of it. */
function textInPostgres({ sql, parameters }: Fragment, { mode, text }: TextMatch): Fragment {
  if (mode === "exact") return fragment(`${sql} = ?::text`, ...parameters, text);
  if (mode === "contains") return fragment(`${sql} ilike ?::text`, ...parameters, `%${escapeLike(text)}%`);
  if (mode === "prefix") return fragment(`starts_with(${sql}, ?::text)`, ...parameters, text);
  return fragment(`right(${sql}, ${lengthOf(text)}) = ?::text`, ...parameters, text);
}

const when = (key: string, type: string, condition: Fragment): Fragment =>
  fragment(`(case ${typeOf} when '${type}' then ${condition.sql} else false end)`, key, ...condition.parameters);

const postgresDialect: Dialect = {
  traitIs: (key, value) => fragment("coalesce(i.traits -> ?::text = ?::jsonb, false)", key, JSON.stringify(value)),
  traitIsOrdered: (key, comparison, value) =>
    typeof value === "string"
      ? when(key, "string", fragment(`${textOf} ${comparison} ?::text`, key, value))
      : when(key, "number", fragment(`(i.traits ->> ?::text)::float8 ${comparison} ?::float8`, key, value)),
  traitMatches: (key, match) => when(key, "string", textInPostgres(fragment(textOf, key), match)),
  hasTrait: (key) => fragment("jsonb_exists(i.traits, ?::text)", key),
  identifierMatches: (match) => textInPostgres(fragment("i.identifier"), match),
  containing: (environmentId, text) => {
    // A pattern can be looked up by three letters or digits in a row, and by where a word begins or ends.
    if (!/[\p{L}\p{N}]{3}|[\p{L}\p{N}]{2}[^\p{L}\p{N}]|[^\p{L}\p{N}][\p{L}\p{N}]/u.test(text)) return undefined;
    return {
      ids: fragment(
        "select identity_id as id from identity_terms where environment_id = ? and identifier ilike ?::text",
        environmentId,
        `%${escapeLike(text)}%`,
      ),
    };
  },
  isStorable: (text) => !text.includes("\u0000") && text.isWellFormed(),
  identitiesBy: () => "identities as i",
  identitiesOf: ({ sql, parameters }, environmentId) =>
    fragment(
      `${sql} as c cross join lateral (select * from identities where environment_id = ? and id = c.id offset 0) as i where true`,
      ...parameters,
      environmentId,
    ),
  overridesWithIdentities: `identity_overrides as o cross join lateral (select id from identities
    where environment_id = o.environment_id and identifier = o.identifier offset 0) as i`,
  idList: "(select value::int as id from jsonb_array_elements_text(?::jsonb))",
  features:
    "(select string_agg(o.feature_id::text, ',') from identity_overrides as o where o.environment_id = i.environment_id and o.identifier = i.identifier and o.is_expired = 0)",
};

export const dialectOf = ({ kind }: DbLocation): Dialect => (kind === "sqlite" ? sqliteDialect : postgresDialect);
