/**
 * Rows of an import as statements take them. Runs on the jobs' thread: what leaves it are texts that the serving thread only passes
 * on to the database. A row with a fault is left out as a whole, with its line and what is wrong.
 */
import type { JobProblem } from "@burgee/contract/admin";
import { parseJson } from "@burgee/contract/sdk";
import type { GivenFields, OverrideRow } from "./bulk.store.ts";
import { type CsvColumn, readCsv } from "./import-csv.ts";
import { type KnownFeature, type OverrideAsked, rowFor, specify } from "./override-spec.ts";
import { RowFault, readDate, readIdentifier, readPatch } from "./read-fields.ts";

export type ImportFormat = "csv" | "ndjson";

export interface RowContext {
  readonly features: readonly KnownFeature[];
  /** The caller may set overrides; else a row that has one is refused. */
  readonly mayOverride: boolean;
  /** Of CSV. */
  readonly columns?: readonly CsvColumn[];
  /** Bytes of an identifier that the database's keys hold; null: any. */
  readonly identifierBytes: number | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface OverrideBatch {
  readonly given: GivenFields;
  /** JSON list of override rows. */
  readonly rows: string;
}

export interface ReadBatch {
  /** JSON list: [identifier, patch, what a new one starts with or null where that is the patch, created, last seen day]. */
  readonly rows: string;
  readonly count: number;
  readonly overrides: readonly OverrideBatch[];
  /** Identities that have overrides here. */
  readonly overridden: readonly string[];
  /** Records that were looked at. */
  readonly read: number;
  readonly failed: number;
  readonly problems: readonly JobProblem[];
}

/** As a row says it, in either format. */
export interface RawRow {
  readonly line: number;
  readonly identifier: unknown;
  readonly traits: unknown;
  readonly overrides: unknown;
  readonly created: unknown;
  readonly seen: unknown;
}

export interface RowsRequest {
  readonly format: ImportFormat;
  readonly context: RowContext;
  readonly text: string;
  readonly firstLine: number;
}

const MAX_ROWS = 1_000;
const MAX_PROBLEMS = 100;
const DAY_MS = 86_400_000;

type Gathered = ReturnType<typeof createGathered>;

function createGathered() {
  return {
    rows: [] as string[],
    identifiers: new Set<string>(),
    overrides: new Map<string, { readonly given: GivenFields; readonly rows: OverrideRow[] }>(),
    overridden: new Set<string>(),
    problems: [] as JobProblem[],
    read: 0,
    failed: 0,
  };
}

const toBatch = (gathered: Gathered): ReadBatch => ({
  rows: `[${gathered.rows.join(",")}]`,
  count: gathered.rows.length,
  overrides: [...gathered.overrides.values()].map(({ given, rows }) => ({ given, rows: JSON.stringify(rows) })),
  overridden: [...gathered.overridden],
  read: gathered.read,
  failed: gathered.failed,
  problems: gathered.problems,
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function* readLines(text: string, firstLine: number): Generator<RawRow | JobProblem> {
  let line = firstLine - 1;
  for (const one of text.split("\n")) {
    line += 1;
    if (one.trim() === "") continue;
    const parsed = parseJson(one);
    if (!parsed.ok) {
      yield { line, message: `Not JSON: ${parsed.detail}` };
      continue;
    }
    if (!isRecord(parsed.value)) {
      yield { line, message: "A line is an object with an identifier." };
      continue;
    }
    const { identifier, traits, overrides, created_date, last_seen } = parsed.value;
    yield { line, identifier, traits, overrides, created: created_date, seen: last_seen };
  }
}

function asked(given: Record<string, unknown>, now: number): OverrideAsked {
  const { enabled, value, variant, reason, expires_at } = given;
  if (enabled !== undefined && typeof enabled !== "boolean") throw new RowFault("enabled is true or false");
  if (variant !== undefined && variant !== null && typeof variant !== "string") throw new RowFault("variant is a key");
  if (reason !== undefined && reason !== null && (typeof reason !== "string" || reason.length > 2000)) {
    throw new RowFault("a reason has at most 2000 characters");
  }
  const expiresAt = expires_at === undefined || expires_at === null ? expires_at : readDate(expires_at, "expires_at");
  if (typeof expiresAt === "number" && expiresAt <= now) throw new RowFault("expires_at is over already");
  return { enabled, value: Object.hasOwn(given, "value") ? value : undefined, variant, reason, expiresAt };
}

/** By name in any case, or by id. */
function featureNamed({ features }: RowContext, named: unknown): KnownFeature {
  const name = typeof named === "string" ? named.toLowerCase() : undefined;
  const feature = features.find((one) => (name === undefined ? one.id === named : one.name.toLowerCase() === name));
  if (!feature) throw new RowFault(`there is no feature ${JSON.stringify(named)}`);
  return feature;
}

function readOverrides(raw: RawRow, identifier: string, context: RowContext): [GivenFields, OverrideRow][] {
  if (raw.overrides === undefined || raw.overrides === null) return [];
  if (!Array.isArray(raw.overrides) || raw.overrides.length > 1000)
    throw new RowFault("overrides are a list of at most 1000");
  if (raw.overrides.length > 0 && !context.mayOverride) throw new RowFault("you may not set overrides");
  return raw.overrides.map((given: unknown): [GivenFields, OverrideRow] => {
    if (!isRecord(given)) throw new RowFault("an override is an object with a feature");
    const feature = featureNamed(context, given["feature"]);
    const spec = specify(feature, asked(given, context.now));
    if ("problem" in spec) throw new RowFault(spec.problem);
    return [spec.given, rowFor(identifier, feature.id, spec)];
  });
}

function add(gathered: Gathered, raw: RawRow, context: RowContext): void {
  const identifier = readIdentifier(raw.identifier, context.identifierBytes);
  const { patch, initial } = readPatch(raw.traits);
  const created = raw.created === undefined || raw.created === null ? null : readDate(raw.created, "created_date");
  const seen = raw.seen === undefined || raw.seen === null ? null : readDate(raw.seen, "last_seen");
  const overrides = readOverrides(raw, identifier, context);
  const start = initial === null ? "null" : JSON.stringify(initial);
  const times =
    created === null && seen === null ? "" : `,${created},${seen === null ? null : Math.floor(seen / DAY_MS)}`;
  gathered.rows.push(`[${JSON.stringify(identifier)},${JSON.stringify(patch)},${start}${times}]`);
  gathered.identifiers.add(identifier);
  for (const [given, row] of overrides) {
    const shape = JSON.stringify(given);
    const held = gathered.overrides.get(shape) ?? { given, rows: [] };
    gathered.overrides.set(shape, held);
    // The later of two about one feature counts, as in two rows.
    const before = held.rows.findIndex(([name, feature]) => name === identifier && feature === row[1]);
    if (before >= 0) held.rows.splice(before, 1);
    held.rows.push(row);
    gathered.overridden.add(identifier);
  }
}

/** In batches of rows about different identities, in the order of the file. */
export function readRows({ format, context, text, firstLine }: RowsRequest): ReadBatch[] {
  const records = format === "csv" ? readCsv(text, firstLine, context.columns ?? []) : readLines(text, firstLine);
  const batches: ReadBatch[] = [];
  let gathered = createGathered();
  const close = () => {
    if (gathered.read > 0) batches.push(toBatch(gathered));
    gathered = createGathered();
  };
  for (const record of records) {
    const isKnown = "identifier" in record && gathered.identifiers.has(String(record.identifier));
    if (gathered.rows.length >= MAX_ROWS || isKnown) close();
    gathered.read += 1;
    try {
      if ("message" in record) throw new RowFault(record.message);
      add(gathered, record, context);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      gathered.failed += 1;
      const named = "identifier" in record && typeof record.identifier === "string" ? record.identifier : undefined;
      const about = named === undefined ? {} : { identifier: named.slice(0, 200) };
      const problem = { ...(record.line === undefined ? {} : { line: record.line }), ...about, message: error.message };
      if (gathered.problems.length < MAX_PROBLEMS) gathered.problems.push(problem);
    }
  }
  close();
  return batches;
}
