import { expect, test } from "bun:test";
import { parseQuery } from "@burgee/contract/query";
import { completionAt, insert, writeFeature, writeKey, writeName, writeSegment, writeValue } from "./completion.ts";

/** The cursor is the bar. */
function at(marked: string) {
  const caret = marked.indexOf("|");
  return completionAt(marked.replace("|", ""), caret);
}

test("a word may become a key, wherever a condition can begin", () => {
  for (const text of ["|", "pl|", "plan:pro |", "plan:pro or pl|", "-pl|", "(pl|", "-|", "(|"]) {
    expect([text, at(text).kind]).toEqual([text, "key"]);
  }
  expect(at("plan:pro cou|ntry")).toEqual({ kind: "key", from: 9, to: 16, typed: "cou" });
});

test("behind an operator comes a value of that key", () => {
  expect(at("plan:|")).toEqual({ kind: "value", key: "plan", from: 5, to: 5, typed: "" });
  expect(at("plan:pr|o x")).toEqual({ kind: "value", key: "plan", from: 5, to: 8, typed: "pr" });
  expect(at("plan:a,b|")).toEqual({ kind: "value", key: "plan", from: 7, to: 8, typed: "b" });
  expect(at("plan:a,|")).toMatchObject({ kind: "value", key: "plan", typed: "" });
  expect(at("age>=|")).toMatchObject({ kind: "value", key: "age" });
  expect(at('trait("odd key"):v|')).toMatchObject({ kind: "value", key: "odd key", typed: "v" });
  expect(at('segment:"Beta te|')).toEqual({ kind: "value", key: "segment", from: 8, to: 16, typed: "Beta te" });
  expect(at('plan:pro segment:"Be|ta" x')).toMatchObject({ key: "segment", from: 17, to: 23, typed: "Be" });
  expect(at("has:|")).toMatchObject({ kind: "value", key: "has" });
});

test("inside parentheses comes a trait or a feature", () => {
  expect(at("has(|")).toMatchObject({ kind: "trait", typed: "" });
  expect(at("has(pl|)")).toMatchObject({ kind: "trait", from: 4, to: 6, typed: "pl" });
  expect(at("trait(pl|")).toMatchObject({ kind: "trait", typed: "pl" });
  expect(at("has:override(che|")).toMatchObject({ kind: "feature", from: 13, typed: "che" });
});

test("what is put in can be read, whatever is in it", () => {
  for (const key of ["plan", "odd key", "created", 'q"q', "a:b"]) {
    const parsed = parseQuery(`${writeKey(key)}x`);
    expect([key, parsed.ok && parsed.query]).toEqual([key, { kind: "trait", key, is: true, values: ["x"] }]);
    expect(parseQuery(`has(${writeName(key)}`)).toMatchObject({ ok: true, query: { kind: "has", key } });
  }
  for (const value of ["pro", "007", "5", 5, true, "true", "a b"]) {
    expect(parseQuery(`k:${writeValue(value)}`)).toMatchObject({ ok: true, query: { values: [value] } });
  }
  expect(parseQuery(`segment:${writeSegment("Beta 2")}`)).toMatchObject({ query: { segment: "Beta 2" } });
  expect(parseQuery(`has:override(${writeFeature("a b")}`)).toMatchObject({ query: { feature: "a b" } });
});

test("a value is followed by a space, a key by its value", () => {
  expect(insert("pl x", completionAt("pl x", 2), "plan:")).toEqual({ text: "plan: x", caret: 5 });
  expect(insert("plan:p", completionAt("plan:p", 6), "pro")).toEqual({ text: "plan:pro ", caret: 9 });
});
