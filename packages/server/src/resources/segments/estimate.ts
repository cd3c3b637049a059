/**
 * How many of an environment's identities meet a condition, from a sample of them. Few are counted one by one; of many, ids are
 * drawn evenly, and those that exist are an even sample.
 */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";
import { readByIds, readFrom, readIdRange } from "./members.store.ts";

interface Row {
  readonly id: number;
  readonly identifier: string;
  readonly traits: unknown;
}

export interface Estimate {
  readonly count: number;
  readonly total: number;
  /** Percentage points, 95 times in 100; 0 = counted. */
  readonly margin: number;
  /** Of those that meet it. */
  readonly sample: readonly string[];
}

export interface EstimateOptions {
  /** Identities that are looked at; as many are counted exactly. 3,000 are within 1.8 points. */
  readonly size?: number;
  readonly shown: number;
  /** In [0, 1). */
  readonly random?: () => number;
}

const DEFAULT_SIZE = 3000;
/** Draws for each identity that is wanted, before the ids are taken to lie too far apart for this. */
const MOST_DRAWS = 8;

/** Places that are looked at where ids lie far apart. */
const STARTS = 600;
const AT_ONCE = 50;

type Meets = (row: Row) => boolean;

export async function estimateMembers(
  db: Kysely<Tables>,
  environmentId: number,
  meets: Meets,
  { size = DEFAULT_SIZE, shown, random = Math.random }: EstimateOptions,
): Promise<Estimate> {
  const range = await readIdRange(db, environmentId);
  if (!range) return { count: 0, total: 0, margin: 0, sample: [] };
  const span = range.last - range.first + 1;
  const drawn = span > size * 2 ? await drawEvenly(db, environmentId, range.first, span, size, random) : undefined;
  if (drawn && drawn.rows.length >= size) {
    return fromSample(
      drawn.rows.filter(meets),
      drawn.rows.length,
      Math.round((drawn.rows.length / drawn.draws) * span),
      shown,
    );
  }
  const rows = await readFrom(db, environmentId, range.first, size + 1);
  if (rows.length <= size) {
    const members = rows.filter(meets);
    return { count: members.length, total: rows.length, margin: 0, sample: named(members, shown) };
  }
  if (!drawn) return countSome(db, environmentId, range, meets, size * 2, shown);
  const spread = await drawNearby(db, environmentId, range, size, random);
  const total = Math.max(size + 1, Math.round((drawn.rows.length / drawn.draws) * span));
  return fromSample(spread.filter(meets), spread.length, total, shown, STARTS);
}

const named = (rows: readonly Row[], shown: number): string[] => rows.slice(0, shown).map((row) => row.identifier);

/** `independent`: how many of those looked at say something that the others do not; neighbours are often alike. */
function fromSample(
  members: readonly Row[],
  looked: number,
  total: number,
  shown: number,
  independent = looked,
): Estimate {
  const share = members.length / looked;
  // Wilson's interval: honest where the share is near 0 or 1 too.
  const [z, n] = [1.96, Math.min(independent, looked)];
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return { count: Math.round(share * total), total, margin: half * 100, sample: named(members, shown) };
}

/** Ids at random; each identity is as likely as any other to be among those that exist. */
async function drawEvenly(
  db: Kysely<Tables>,
  environmentId: number,
  first: number,
  span: number,
  size: number,
  random: () => number,
) {
  const rows: Row[] = [];
  const tried = new Set<number>();
  while (rows.length < size && tried.size < size * MOST_DRAWS) {
    const missing = size - rows.length;
    const density = tried.size === 0 ? 1 : Math.max(rows.length / tried.size, 1 / MOST_DRAWS);
    const ids: number[] = [];
    const wanted = Math.min(
      Math.ceil((missing / density) * 1.05) + 8,
      size * MOST_DRAWS - tried.size,
      span - tried.size,
    );
    if (wanted <= 0) break;
    while (ids.length < wanted) {
      const id = first + Math.floor(random() * span);
      if (tried.has(id)) continue;
      tried.add(id);
      ids.push(id);
    }
    rows.push(...(await readByIds(db, environmentId, ids)));
  }
  return { rows, draws: tried.size };
}

/** Where ids lie far apart: the next few after random ones. Those that follow a gap are a little likelier. */
async function drawNearby(
  db: Kysely<Tables>,
  environmentId: number,
  { first, last }: { readonly first: number; readonly last: number },
  size: number,
  random: () => number,
): Promise<Row[]> {
  const found = new Map<number, Row>();
  for (let begun = 0; begun < STARTS; begun += AT_ONCE) {
    const ids = Array.from({ length: AT_ONCE }, () => first + Math.floor(random() * (last - first + 1)));
    const read = await Promise.all(ids.map((id) => readFrom(db, environmentId, id, Math.ceil(size / STARTS))));
    for (const row of read.flat()) found.set(row.id, row);
  }
  return [...found.values()];
}

async function countSome(
  db: Kysely<Tables>,
  environmentId: number,
  { first }: { readonly first: number },
  meets: Meets,
  most: number,
  shown: number,
): Promise<Estimate> {
  const rows = await readFrom(db, environmentId, first, most);
  const members = rows.filter(meets);
  return { count: members.length, total: rows.length, margin: 0, sample: named(members, shown) };
}
