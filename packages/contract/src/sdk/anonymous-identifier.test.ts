import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { TraitValue } from "@burgee/engine";
import { wholeFloat } from "../json/whole-float.ts";
import { anonymousIdentifier } from "./anonymous-identifier.ts";

const sources = {
  sha256: (text: string) => createHash("sha256").update(text, "utf8").digest("hex"),
  randomHex: () => "random",
};
const name = (traits: Record<string, TraitValue>) =>
  anonymousIdentifier(
    Object.entries(traits).map(([key, value]) => ({ key, value })),
    sources,
  );

test("is the hash of keys and values in Python's spelling, sorted by key, nulls left out", () => {
  const traits = { plan: "pro", age: 42, score: wholeFloat(1), beta: true, tiny: 1e-7, none: null };
  const spelled = anonymousIdentifier(
    Object.entries(traits).map(([key, value]) => ({ key, value })),
    { ...sources, sha256: (text) => text },
  );
  expect(spelled).toBe("age42betaTrueplanproscore1.0tiny1e-07");
  // hashlib.sha256 of the same traits in Python.
  expect(name(traits)).toBe("170e416e7a73d2029c78dba7f463fde56e1e5ae2f469e9fdf970abb5a575cb3b");
});

test("sorts by code point, as Python does", () => {
  expect(name({ "\u{1F600}": "a", "\uffee": "b" })).toBe(
    "0fb219688c18740d537e34ddbd7a8e70f55be38e04a1dd8d40d55af20fbf6419",
  );
});

test("of nulls alone is the hash of nothing", () => {
  expect(name({ a: null })).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("without traits is random", () => {
  expect(name({})).toBe("random");
});

test("does not depend on the order of the request, and leaves it alone", () => {
  const traits = [
    { key: "b", value: 1 },
    { key: "a", value: 2 },
  ];
  expect(anonymousIdentifier(traits, sources)).toBe(anonymousIdentifier([...traits].reverse(), sources));
  expect(traits.map(({ key }) => key)).toEqual(["b", "a"]);
});
