import { expect, test } from "bun:test";
import { parseQuery } from "@burgee/contract/query";
import { piecesOf } from "./query-pieces.ts";

test("the pieces are the text, with the kind of each", () => {
  const text = "plan:pro  or ana";
  const pieces = piecesOf(text, parseQuery(text).tokens, undefined);
  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
  expect(pieces.filter(({ kind }) => kind).map(({ kind, text: shown }) => [kind, shown])).toEqual([
    ["key", "plan"],
    ["operator", ":"],
    ["value", "pro"],
    ["keyword", "or"],
    ["text", "ana"],
  ]);
});

test("what is wrong is marked, also where something is missing at the end", () => {
  const open = piecesOf("a (b", parseQuery("a (b").tokens, { position: 2, length: 1 });
  expect(open.filter(({ isWrong }) => isWrong).map(({ text }) => text)).toEqual(["("]);
  const missing = piecesOf("plan:", parseQuery("plan:").tokens, { position: 5, length: 0 });
  expect(missing.filter(({ isWrong }) => isWrong).map(({ text }) => text)).toEqual([":"]);
  expect(piecesOf("", [], { position: 0, length: 0 })).toEqual([]);
});
