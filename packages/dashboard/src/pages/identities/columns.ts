/** Which columns the list shows, as its address says it: traits by their names, what every identity has by a word with a dot. */

export const FIXED = [
  { id: ".overrides", header: "Overrides" },
  { id: ".segments", header: "Segments" },
  { id: ".last_seen", header: "Last seen" },
  { id: ".created", header: "Created" },
] as const;

export type FixedColumn = (typeof FIXED)[number]["id"];

export const isFixed = (id: string): id is FixedColumn => FIXED.some((column) => column.id === id);

interface KnownTrait {
  readonly key: string;
  readonly count: number;
  readonly is_personal: boolean;
}

const DEFAULT_TRAITS = 2;
export const MOST_COLUMNS = 12;

/** A name with a comma cannot stand in the address's list, nor one that begins with a dot. */
export const canBeColumn = (key: string): boolean => key !== "" && !key.includes(",") && !key.startsWith(".");

/** Unless somebody chose: the commonest traits that are nobody's personal data, and all of what everybody has. */
export function defaultColumns(traits: readonly KnownTrait[]): string[] {
  const common = traits
    .filter(({ key, is_personal }) => !is_personal && canBeColumn(key))
    .sort((a, b) => b.count - a.count || a.key.localeCompare(b.key))
    .slice(0, DEFAULT_TRAITS)
    .map(({ key }) => key);
  return [...common, ...FIXED.map(({ id }) => id)];
}

/** Traits first, as they were chosen; then the fixed ones in their order. */
export function ordered(columns: readonly string[]): string[] {
  const unique = [...new Set(columns)].slice(0, MOST_COLUMNS);
  const chosen = unique.filter((id) => !id.startsWith("."));
  return [...chosen, ...FIXED.map(({ id }) => id).filter((id) => unique.includes(id))];
}

export const toggled = (columns: readonly string[], id: string): string[] =>
  ordered(columns.includes(id) ? columns.filter((each) => each !== id) : [...columns, id]);
