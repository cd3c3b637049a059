/** Some identities from all over an environment: how many match in all, without looking at everybody. */
import { compose, type Fragment, fragment, join } from "./fragment.ts";
import type { IdentityRow } from "./read-rows.ts";
import type { Session } from "./session.ts";

export interface IdBounds {
  readonly lowest: number;
  readonly highest: number;
}

/** Of the environment's identities; undefined where there are none. */
export async function readBounds({ all, environmentId }: Session): Promise<IdBounds | undefined> {
  const at = (direction: string) =>
    fragment(
      `(select id from identities where environment_id = ? order by environment_id ${direction}, id ${direction} limit 1)`,
      environmentId,
    );
  const [row] = await all<{ lowest: number | null; highest: number | null }>(
    compose`select ${at("asc")} as lowest, ${at("desc")} as highest`,
  );
  return row && row.lowest !== null && row.highest !== null ? { lowest: row.lowest, highest: row.highest } : undefined;
}

export interface Sample {
  readonly lookedAt: number;
  readonly matched: readonly IdentityRow[];
  /** Identities of the environment: counted, or judged by how close to one another those are that were looked at. */
  readonly total: number;
  readonly isEverybody: boolean;
}

/** Blocks asked for in one statement. */
const together = 10;

interface SampleRow extends IdentityRow {
  readonly block: number;
  readonly hit: boolean | number;
}

/** `blocks` of `size` neighbours each: reading neighbours costs a fraction of reading strangers. */
export async function takeSample(session: Session, bounds: IdBounds, blocks: number, size: number): Promise<Sample> {
  const span = bounds.highest - bounds.lowest + 1;
  const isEverybody = span <= blocks * size;
  const starts = isEverybody ? [bounds.lowest] : startsOf(bounds, blocks);
  const matched: IdentityRow[] = [];
  let lookedAt = 0;
  let covered = 0;
  for (let at = 0; at < starts.length; at += together) {
    const asked = starts.slice(at, at + together);
    const rows = await session.all<SampleRow>(
      join(
        asked.map((start, index) => blockOf(session, start, index, isEverybody ? blocks * size : size)),
        " union all ",
      ),
    );
    const byBlock = Map.groupBy(rows, ({ block }) => block);
    for (const [index, start] of asked.entries()) {
      const found = byBlock.get(index) ?? [];
      const isCutOff = found.length === size;
      covered += (isCutOff ? (found.at(-1)?.id ?? start) : bounds.highest) - start + 1;
      lookedAt += found.length;
      for (const row of found) if (row.hit && session.isMatch(row)) matched.push(row);
    }
  }
  const total = isEverybody ? lookedAt : Math.max(lookedAt, Math.round((span * lookedAt) / Math.max(1, covered)));
  return { lookedAt, matched, total, isEverybody };
}

function blockOf(
  { dialect, environmentId, columns, filter }: Session,
  start: number,
  index: number,
  size: number,
): Fragment {
  const from = fragment(
    `from ${dialect.identitiesBy("id")} where i.environment_id = ? and i.id >= ?`,
    environmentId,
    start,
  );
  return compose`select * from (select ${columns}, ${fragment(String(index))} as block, (${filter.condition}) as hit ${from} order by i.id limit ${fragment("?", size)}) as b${fragment(String(index))}`;
}

/** Evenly over the ids, each moved a little, so that what repeats itself is not always met at the same point. */
function startsOf({ lowest, highest }: IdBounds, blocks: number): number[] {
  const step = (highest - lowest + 1) / blocks;
  return Array.from({ length: blocks }, (_, at) => Math.floor(lowest + step * (at + ((at * 0.618034) % 1) * 0.9)));
}
