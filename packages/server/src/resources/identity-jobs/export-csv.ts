/** CSV that an import understands: a column a trait, named with its type where all its values have one. */
import { isWholeFloat, parseJson } from "@burgee/contract/sdk";

export interface CsvColumn {
  readonly head: string;
  readonly trait?: string;
  readonly feature?: string;
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
      ...[...traits]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, types]) => ({
          head: types.size === 1 ? `${key}:${[...types][0]}` : key,
          trait: key,
        })),
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
  readonly enabled?: boolean;
  readonly value?: unknown;
  readonly variant?: string;
}

function overrideCell(override: Overridden | undefined): string {
  if (!override) return "";
  const { enabled, value, variant } = override;
  return JSON.stringify(variant === undefined ? { enabled, value } : { enabled, variant });
}

export function csvLine(
  columns: CsvColumns,
  row: { readonly identifier: string; readonly traits: string },
  overrides: readonly Overridden[],
): string {
  const traits = readTraits(row.traits);
  const cells = columns.map((column) => {
    if (column.trait !== undefined) return spelled(Object.hasOwn(traits, column.trait) ? traits[column.trait] : null);
    if (column.feature !== undefined) return overrideCell(overrides.find(({ feature }) => feature === column.feature));
    return row.identifier;
  });
  return `${cells.map(cell).join(",")}\n`;
}
