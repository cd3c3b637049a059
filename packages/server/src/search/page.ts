/**
 * One page of those who match, in order. Three ways: a small set of candidates is read whole and sorted; a large one, in the order of ids, is
 * read piece by piece until the page is full; and where the index is of no help, so is everybody. The last two end when their time is
 * up.
 */
import { compose, type Fragment, fragment } from "./fragment.ts";
import type { IdentityRow } from "./read-rows.ts";
import type { Key, Order, PageAnswer, PageRequest } from "./requests.ts";
import { type IdBounds, readBounds, takeSample } from "./sample.ts";
import { inRange, type Session, type Sized } from "./session.ts";

export interface PageLimits {
  /** So many candidates are read and sorted at once, and then the total is known too. */
  readonly few: number;
  /** So many still are where everybody who matches is rare. */
  readonly many: number;
  /** Rows that a piecewise search looks at first. */
  readonly firstPiece: number;
  /** Rows that it looks at before it turns to candidates that are not in the order of the page. */
  readonly patience: number;
}

const usualLimits: PageLimits = { few: 4_000, many: 20_000, firstPiece: 400, patience: 4_000 };
/** Looked at for a first idea of how many match. */
const sampleBlocks = 20;
const sampleSize = 50;
/** What one statement of a piecewise search may take. */
const pieceMs = 8;
const largestPiece = 50_000;

type Wanted = Omit<PageRequest, "kind" | "resolved">;
type Found = Omit<PageAnswer, "rows"> & { readonly rows: readonly IdentityRow[] };

export async function findPage(session: Session, wanted: Wanted, limits: PageLimits = usualLimits): Promise<Found> {
  const deadline = performance.now() + wanted.timeMs;
  const isEverybodyWanted = session.filter.isExact && session.filter.condition.sql === "true";
  const smallest = isEverybodyWanted ? undefined : await session.smallest(limits.many);
  if (smallest && smallest.count <= limits.few) return collect(session, wanted, smallest);
  const bounds = await readBounds(session);
  if (!bounds) return { rows: [], next: null, total: { count: 0, exact: true }, searchedAll: true };
  const sample = await takeSample(session, bounds, sampleBlocks, sampleSize);
  const share = sample.matched.length / Math.max(1, sample.lookedAt);
  const isRare = share * limits.many < wanted.limit * 2;
  if (smallest && smallest.count < limits.many && isRare) return collect(session, wanted, smallest);
  const total = { count: Math.round(share * sample.total), exact: sample.isEverybody };
  const found =
    wanted.order.column === "id"
      ? await searchByIds(session, wanted, {
          bounds,
          smallest,
          deadline,
          share,
          total: sample.total,
          limits,
        })
      : await searchInOrder(session, wanted, deadline, limits.firstPiece);
  return { ...found, total: wanted.withTotal ? atLeast(total, found) : null };
}

/** What has been found counts as found, whatever the sample says. */
function atLeast(total: { count: number; exact: boolean }, found: Omit<Found, "total">): Found["total"] {
  if (found.next === null && found.searchedAll) return { count: found.rows.length, exact: true };
  return { ...total, count: Math.max(total.count, found.rows.length + (found.next === null ? 0 : 1)) };
}

const keyOf = ({ column }: Order, row: IdentityRow): Key =>
  column === "id" ? [row.id] : column === "identifier" ? [row.identifier] : [row.last_seen_day, row.id];

const columnsOf = ({ column }: Order): string =>
  column === "last_seen_day" ? "(i.last_seen_day, i.id)" : `i.${column}`;

function orderBy({ column, isDescending }: Order): string {
  const direction = isDescending ? "desc" : "asc";
  return column === "last_seen_day" ? `i.last_seen_day ${direction}, i.id ${direction}` : `i.${column} ${direction}`;
}

const placeholders = (key: Key): string => (key.length === 1 ? "?" : `(${key.map(() => "?").join(", ")})`);
const compared = (order: Order, comparison: string, key: Key): Fragment =>
  fragment(`${columnsOf(order)} ${comparison} ${placeholders(key)}`, ...key.map((part) => part ?? 0));

/** Beyond the end of the page before. */
function beyond(order: Order, after: Key | null): Fragment {
  return after === null ? fragment("true") : compared(order, order.isDescending ? "<" : ">", after);
}

/** Reads all candidates: the database sorts. */
async function collect(
  session: Session,
  { order, after, limit, withTotal }: Wanted,
  { candidates }: Sized,
): Promise<Found> {
  const isCounted = withTotal && after === null;
  const count = isCounted && session.filter.isExact ? ", count(*) over () as matching" : "";
  const cut = session.filter.isExact ? fragment(" limit ?", limit + 1) : fragment("");
  const rows = await session.all<IdentityRow & { matching?: number }>(
    compose`select ${session.columns}${fragment(count)} from ${session.among(candidates)}
      and ${session.filter.condition} and ${beyond(order, after)} order by ${fragment(orderBy(order))}${cut}`,
  );
  const matched = session.filter.isExact ? rows : rows.filter((row) => session.isMatch(row));
  const matching = session.filter.isExact ? (rows[0]?.matching ?? 0) : matched.length;
  return {
    ...pageOf(order, matched, limit),
    total: isCounted ? { count: matching, exact: true } : null,
    searchedAll: true,
  };
}

function pageOf(order: Order, matched: readonly IdentityRow[], limit: number): Pick<Found, "rows" | "next"> {
  const rows = matched.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: matched.length > limit && last ? keyOf(order, last) : null };
}

interface ByIds {
  readonly bounds: IdBounds;
  readonly smallest: Sized | undefined;
  readonly deadline: number;
  /** Of all, that may be expected to match. */
  readonly share: number;
  readonly total: number;
  readonly limits: PageLimits;
}

/** In the order of ids, a range of ids at a time. */
async function searchByIds(
  session: Session,
  wanted: Wanted,
  { bounds, smallest, deadline, share, total, limits }: ByIds,
): Promise<Omit<Found, "total">> {
  const { order, after, limit } = wanted;
  const { firstPiece } = limits;
  const candidates = smallest?.candidates.isOrdered ? smallest : undefined;
  /** Ids for one identity. */
  const gap = Math.max(1, (bounds.highest - bounds.lowest + 1) / Math.max(1, total));
  const largest = Math.ceil(largestPiece * gap * (candidates ? total / Math.max(1, candidates.count) : 1));
  // Where few were met, the next piece tells more.
  const expected = share > 0 ? Math.ceil((1.5 * (limit + 1)) / share) : 0;
  let step = Math.min(largest, Math.ceil(gap * Math.max(firstPiece, expected)));
  let looked = 0;
  const found: IdentityRow[] = [];
  const from = after === null ? undefined : Number(after[0]);
  let above = order.isDescending ? (from ?? bounds.highest + 1) - 1 : (from ?? bounds.lowest - 1);
  for (;;) {
    const range = order.isDescending ? { above: above - step, upTo: above } : { above, upTo: above + step };
    const start = performance.now();
    found.push(...(await readRange(session, order, range, candidates, limit + 1 - found.length)));
    if (found.length > limit) return { ...pageOf(order, found, limit), searchedAll: true };
    above = order.isDescending ? range.above : range.upTo;
    const isAtEnd = order.isDescending ? above < bounds.lowest : above >= bounds.highest;
    if (isAtEnd) return { rows: found, next: null, searchedAll: true };
    const now = performance.now();
    const place: Key = [order.isDescending ? above + 1 : above];
    looked += step / gap;
    if (smallest && !candidates && looked >= limits.patience) {
      return gather(session, { ...wanted, after: place }, { smallest, found, deadline, limits });
    }
    if (now > deadline) return { rows: found, next: place, searchedAll: false };
    step = nextStep(step, now - start, firstPiece, largest);
  }
}

const nextStep = (step: number, tookMs: number, firstPiece: number, largest: number): number =>
  Math.min(largest, Math.max(firstPiece, Math.ceil(step * Math.min(4, Math.max(0.5, pieceMs / tookMs)))));

interface Gathered {
  readonly smallest: Sized;
  readonly found: readonly IdentityRow[];
  readonly deadline: number;
  readonly limits: PageLimits;
}

/**
 * Those who match are not among the next, however many there are: so the ids of all candidates, which are in another order, are
 * looked through for the next ones. An id costs a small part of what a row costs.
 */
async function gather(
  session: Session,
  wanted: Wanted,
  { smallest, found, deadline, limits }: Gathered,
): Promise<Omit<Found, "total">> {
  const { order, limit } = wanted;
  const rows = [...found];
  let place = wanted.after;
  let many = Math.max(4 * limit, limits.firstPiece);
  for (;;) {
    const ids = await nextIds(session, smallest, order, place, many);
    const list = fragment(session.dialect.idList, JSON.stringify(ids));
    const read = await session.all<IdentityRow>(
      compose`select ${session.columns} from ${session.dialect.identitiesOf(list, session.environmentId)}
        and ${session.filter.condition} order by ${fragment(orderBy(order))}`,
    );
    for (const row of read) if (session.isMatch(row)) rows.push(row);
    if (rows.length > limit) return { ...pageOf(order, rows, limit), searchedAll: true };
    const last = ids.at(-1);
    if (last === undefined || ids.length < many) return { rows, next: null, searchedAll: true };
    place = [last];
    if (performance.now() > deadline) return { rows, next: place, searchedAll: false };
    many = Math.min(20_000, many * 8);
  }
}

/** The next ids of candidates, and of those that the index does not have as they are. */
async function nextIds(
  session: Session,
  { candidates }: Sized,
  order: Order,
  place: Key | null,
  many: number,
): Promise<number[]> {
  // The sign keeps SQLite from walking through all ids in order instead.
  const [comparison, direction] = order.isDescending ? ["<", "desc"] : [">", "asc"];
  const bound = place === null ? fragment("true") : fragment(`+i.id ${comparison} ?`, Number(place[0]));
  const rest = compose`where ${bound} order by ${fragment(`+i.id ${direction}`)} limit ${fragment("?", many)}`;
  const ids = new Set<number>();
  // In this order: what is followed between both is among the candidates then.
  for (const from of [session.changed, candidates.ids()]) {
    for (const { id } of await session.all<{ id: number }>(compose`select i.id from (${from}) as i ${rest}`))
      ids.add(id);
  }
  return [...ids].sort((a, b) => (order.isDescending ? b - a : a - b)).slice(0, many);
}

async function readRange(
  session: Session,
  order: Order,
  range: { readonly above: number; readonly upTo: number },
  candidates: Sized | undefined,
  limit: number,
): Promise<IdentityRow[]> {
  const from = candidates
    ? session.among(candidates.candidates, range)
    : compose`${fragment(session.dialect.identitiesBy("id"))} where i.environment_id = ${fragment("?", session.environmentId)} and ${inRange("i.id", range)}`;
  const cut = session.filter.isExact ? fragment(" limit ?", limit) : fragment("");
  const rows = await session.all<IdentityRow>(
    compose`select ${session.columns} from ${from} and ${session.filter.condition} order by ${fragment(orderBy(order))}${cut}`,
  );
  return session.filter.isExact ? rows : rows.filter((row) => session.isMatch(row)).slice(0, limit);
}

/** In another order, along its index, so many rows at a time. */
async function searchInOrder(
  session: Session,
  { order, after, limit }: Wanted,
  deadline: number,
  firstPiece: number,
): Promise<Omit<Found, "total">> {
  const found: IdentityRow[] = [];
  let place = after;
  let step = firstPiece;
  for (;;) {
    const start = performance.now();
    const end = await boundary(session, order, place, step);
    const until = end === undefined ? fragment("true") : compared(order, order.isDescending ? ">=" : "<=", end);
    const cut = session.filter.isExact ? fragment(" limit ?", limit + 1 - found.length) : fragment("");
    const rows = await session.all<IdentityRow>(
      compose`select ${session.columns} from ${inOrder(session, order)} and ${beyond(order, place)} and ${until}
        and ${session.filter.condition} order by ${fragment(orderBy(order))}${cut}`,
    );
    found.push(...(session.filter.isExact ? rows : rows.filter((row) => session.isMatch(row))));
    if (found.length > limit) return { ...pageOf(order, found, limit), searchedAll: true };
    if (end === undefined) return { rows: found, next: null, searchedAll: true };
    place = end;
    const now = performance.now();
    if (now > deadline) return { rows: found, next: place, searchedAll: false };
    step = nextStep(step, now - start, firstPiece, largestPiece);
  }
}

const inOrder = ({ dialect, environmentId }: Session, { column }: Order): Fragment =>
  fragment(`${dialect.identitiesBy(column)} where i.environment_id = ?`, environmentId);

/** The key of the row that is `step` rows further on; undefined = there are not so many. */
async function boundary(session: Session, order: Order, place: Key | null, step: number): Promise<Key | undefined> {
  const [row] = await session.all<IdentityRow>(
    compose`select i.id, i.${fragment(order.column === "id" ? "identifier" : order.column)} from ${inOrder(session, order)} and ${beyond(order, place)}
      order by ${fragment(orderBy(order))} limit 1 offset ${fragment("?", step - 1)}`,
  );
  return row && keyOf(order, row);
}
