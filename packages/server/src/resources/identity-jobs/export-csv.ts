/** CSV that an import understands: a column a trait, named with its type where all its values have one. */
import { isWholeFloat, parseJson } from "@burgee/contract/sdk";

export interface CsvColumn {
  readonly head: string;
  readonly trait?: string;
  /** Of the trait: one that has several has a column for each. */
  readonly type?: TraitType;
  readonly feature?: string;
  readonly date?: "created" | "seen";
}
export type CsvColumns = readonly CsvColumn[];

type TraitType = "string" | "integer" | "float" | "boolean";

function typeOf(value: unknown): TraitType {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : "float";
}

function readTraits(text: string): Record<string, unknown> {
  const parsed = parseJson(text);
  return parsed.ok ? (parsed.value as Record<string, unknown>) : {};
}

/** Gathers who has which traits. */
export function columnsOf() {
  const traits = new Map<string, Set<TraitType>>();
  const features = new Set<string>();
  return {
    add: (text: string): void => {
      for (const [key, value] of Object.entries(readTraits(text))) {
        const types = traits.get(key) ?? new Set();
        traits.set(key, types.add(typeOf(value)));
      }
    },
    addFeature: (name: string): void => void features.add(name),
    count: (): number => traits.size + features.size,
    list: (): CsvColumns => [
      { head: "identifier" },
      { head: "created_date", date: "created" },
      { head: "last_seen", date: "seen" },
      ...[...traits]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([trait, types]) => [...types].sort().map((type) => ({ head: `${trait}:${type}`, trait, type }))),
      ...[...features].sort().map((name) => ({ head: `override:${name}`, feature: name })),
    ],
  };
}

/** As RFC 4180 quotes it. */
export const cell = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

function spelled(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (isWholeFloat(value)) return value.float.toFixed(1);
  return String(value);
}

interface Overridden {
  readonly feature?: string;
}

/** All that an import takes but the feature, which the column names. */
function overrideCell(override: Overridden | undefined): string {
  if (!override) return "";
  const { feature: _, ...rest } = override;
  return JSON.stringify(rest);
}

export interface CsvRow {
  readonly identifier: string;
  /** As it is written. */
  readonly created: string;
  readonly seen: string;
  /** JSON object. */
  readonly traits: string;
}

export function csvLine(columns: CsvColumns, row: CsvRow, overrides: readonly Overridden[]): string {
  const traits = readTraits(row.traits);
  const cells = columns.map(({ trait, type, feature, date }) => {
    if (trait !== undefined) {
      const value = Object.hasOwn(traits, trait) ? traits[trait] : null;
      return typeOf(value) === type ? spelled(value) : "";
    }
    if (feature !== undefined) return overrideCell(overrides.find((override) => override.feature === feature));
    return date === undefined ? row.identifier : row[date];
  });
  return `${cells.map(cell).join(",")}\n`;
}
