/** The order of a feature's segment overrides in one environment. Pure: takes rows, answers what has to be written. */

export interface Ordered {
  readonly id: number;
  readonly priority: number;
}

/**
 * Puts one after another to its place, as Flagsmith does: those in between make room, so that no place is taken twice.
 * Answers only those whose place is another one now.
 */
export function movePriorities(rows: readonly Ordered[], moves: readonly Ordered[]): Ordered[] {
  const places = new Map(rows.map((row) => [row.id, row.priority]));
  for (const { id, priority: to } of moves) {
    const from = places.get(id);
    if (from === undefined || from === to) continue;
    for (const [other, place] of places) {
      if (to < from && place >= to && place < from) places.set(other, place + 1);
      if (to > from && place > from && place <= to) places.set(other, place - 1);
    }
    places.set(id, to);
  }
  return changedPlaces(rows, places);
}

/** Everything behind what leaves moves up by one for each that leaves. */
export function closeGaps(rows: readonly Ordered[], gone: ReadonlySet<number>): Ordered[] {
  const left = rows.filter((row) => gone.has(row.id));
  const stay = rows.filter((row) => !gone.has(row.id));
  const places = new Map(
    stay.map((row) => [row.id, row.priority - left.filter((one) => one.priority < row.priority).length]),
  );
  return changedPlaces(stay, places);
}

export const nextPriority = (rows: readonly Ordered[]): number =>
  rows.reduce((highest, row) => Math.max(highest, row.priority + 1), 0);

function changedPlaces(rows: readonly Ordered[], places: ReadonlyMap<number, number>): Ordered[] {
  return rows.flatMap(({ id, priority }) => {
    const place = places.get(id) ?? priority;
    return place === priority ? [] : [{ id, priority: place }];
  });
}
