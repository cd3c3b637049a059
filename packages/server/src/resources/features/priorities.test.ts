import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { closeGaps, movePriorities, nextPriority, type Ordered } from "./priorities.ts";

const rows = [10, 20, 30, 40].map((id, priority) => ({ id, priority }));

function after(before: readonly Ordered[], changed: readonly Ordered[]): number[] {
  const places = new Map(changed.map((row) => [row.id, row.priority]));
  return before
    .map(({ id, priority }) => ({ id, priority: places.get(id) ?? priority }))
    .sort((a, b) => a.priority - b.priority)
    .map((row) => row.id);
}

describe("moving", () => {
  test.each([
    [[{ id: 40, priority: 0 }], [40, 10, 20, 30]],
    [[{ id: 10, priority: 3 }], [20, 30, 40, 10]],
    [[{ id: 20, priority: 2 }], [10, 30, 20, 40]],
    [[{ id: 30, priority: 2 }], [10, 20, 30, 40]],
    [[{ id: 99, priority: 0 }], [10, 20, 30, 40]],
    [
      [
        { id: 40, priority: 0 },
        { id: 30, priority: 1 },
        { id: 20, priority: 2 },
        { id: 10, priority: 3 },
      ],
      [40, 30, 20, 10],
    ],
  ])("%j gives %j", (moves, order) => {
    expect(after(rows, movePriorities(rows, moves))).toEqual(order);
  });

  test("writes only what moved", () => {
    expect(movePriorities(rows, [{ id: 20, priority: 2 }])).toEqual([
      { id: 20, priority: 2 },
      { id: 30, priority: 1 },
    ]);
  });

  test("never gives one place twice, wherever the moves lead", () => {
    const move = fc.record({ id: fc.constantFrom(10, 20, 30, 40), priority: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 6 }), (moves) => {
        const places = new Map(rows.map((row) => [row.id, row.priority]));
        for (const { id, priority } of movePriorities(rows, moves)) places.set(id, priority);
        expect(new Set(places.values()).size).toBe(rows.length);
        const last = moves.at(-1);
        if (last) expect(places.get(last.id)).toBe(last.priority);
      }),
    );
  });
});

test("what leaves closes its gap", () => {
  expect(closeGaps(rows, new Set([10, 30]))).toEqual([
    { id: 20, priority: 0 },
    { id: 40, priority: 1 },
  ]);
  expect(closeGaps(rows, new Set())).toEqual([]);
});

test("the next place is behind the last", () => {
  expect(nextPriority(rows)).toBe(4);
  expect(nextPriority([])).toBe(0);
  expect(nextPriority([{ id: 1, priority: 7 }])).toBe(8);
});
