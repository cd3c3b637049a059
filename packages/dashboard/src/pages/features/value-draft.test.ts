import { describe, expect, test } from "bun:test";
import type { Option } from "./feature-queries.ts";
import { type Held, isOvertaken, patchOf, shownText, shownWeights, withTyped } from "./value-draft.ts";

const held = (value: string | null, ...variants: { id: number; weight: number }[]): Held => ({
  value: value === null ? null : { type: "string", value },
  variants,
});
const options = [{ id: 1 }, { id: 2 }] as unknown as readonly Option[];
const text = (typed: string) => ({ value: { text: typed, isText: false } });

describe("what is typed over a flag's value", () => {
  test("stays, whatever arrives from elsewhere", () => {
    const before = held("a", { id: 1, weight: 0 });
    const draft = withTyped(withTyped(undefined, before, { weights: { 1: 60 } }), before, text("b"));
    const now = held("a", { id: 1, weight: 0 }, { id: 2, weight: 0 });
    expect(shownText(draft, now).text).toBe("b");
    const both = withTyped(draft, now, { weights: { 2: 50 } });
    expect(shownWeights(both, now)).toEqual({ 1: 60, 2: 50 });
    expect(patchOf(both, now, options)).toEqual({
      value: { type: "string", value: "b" },
      variants: [
        { id: 1, weight: 60 },
        { id: 2, weight: 50 },
      ],
    });
  });

  test("follows others where nothing was typed, and again once it is typed back", () => {
    const draft = withTyped(withTyped(undefined, held("a"), text("ab")), held("a"), text("a"));
    expect(draft).toBeUndefined();
    expect(shownText(draft, held("c")).text).toBe("c");
    expect(patchOf(draft, held("c"), options)).toEqual({});
  });

  test("is overtaken only where the other changed the same part", () => {
    const before = held("a", { id: 1, weight: 10 });
    const draft = withTyped(undefined, before, { weights: { 1: 60 } });
    if (!draft) throw new Error("something was typed");
    const told = (now: Held) => isOvertaken(draft, now, patchOf(draft, now, options));
    expect(told(before)).toBe(false);
    expect(told(held("other", { id: 1, weight: 10 }))).toBe(false);
    expect(told(held("a", { id: 1, weight: 10 }, { id: 2, weight: 0 }))).toBe(false);
    expect(told(held("a", { id: 1, weight: 20 }))).toBe(true);
  });
});
