import { describe, expect, test } from "bun:test";
import { findFirst } from "./jsonpath.ts";
import { parsePath } from "./jsonpath-parse.ts";

const DATA = {
  environment: { key: "env", name: "Harbour" },
  features: {
    sail: { enabled: true, value: 3, variants: [{ weight: 30 }, { weight: 20.5 }, { weight: 49.5, key: "é" }] },
    "two words": { enabled: false, value: null },
  },
  identity: { traits: { "a.b": 1, "it's": "quoted", größe: "L", list: [1, [2, 3]], none: null, truth: true } },
};

/** undefined: no node. */
function find(path: string): unknown {
  const parsed = parsePath(path);
  if (typeof parsed === "string") throw new Error(`${path} is ${parsed}`);
  return findFirst(parsed, DATA);
}

describe("queries find", () => {
  const found: Record<string, unknown> = {
    "$.environment.name": "Harbour",
    "$['environment'][\"name\"]": "Harbour",
    "$.environment ['name']": "Harbour",
    "$.identity.traits.größe": "L",
    "$.identity.traits['a.b']": 1,
    "$.identity.traits['it\\'s']": "quoted",
    "$.identity.traits['\\u0061.b']": 1,
    "$.identity.traits.none": null,
    "$.identity.traits.list[1][0]": 2,
    "$.identity.traits.list[-1][-1]": 3,
    "$.features.sail.variants[0:2].weight": 30,
    "$.features.sail.variants[::-1].weight": 49.5,
    "$.features.sail.variants[5,1].weight": 20.5,
    "$.features.sail.variants[-2:].weight": 20.5,
    "$.features.*.value": 3,
    "$.features['two words', 'sail'].enabled": false,
    "$..weight": 30,
    "$..variants[2].key": "é",
    "$..[1].weight": 20.5,
    "$.features.sail.variants[?@.weight < 30].weight": 20.5,
    "$.features.sail.variants[?@.key].weight": 49.5,
    "$.features.sail.variants[?!@.key && @.weight != 30].weight": 20.5,
    "$.features[?@.enabled == false].enabled": false,
    "$.features[?count(@.variants[*]) == 3].value": 3,
    "$.features[?length(@.variants) >= 3].value": 3,
    "$.features[?value(@..key) == 'é'].value": 3,
    "$.features.sail.variants[?match(@.key, '.')].weight": 49.5,
    "$.identity.traits[?search(@, 'uot')]": "quoted",
    "$.features[?(@.enabled == true || @.value == null) && $.environment.name == 'Harbour'].value": 3,
    "$.environment.missing": undefined,
    "$.environment.name.length": undefined,
    "$.identity.traits.list.length": undefined,
    "$.environment.toString": undefined,
    "$.identity.traits.list[9]": undefined,
    "$.features.sail.variants[0:2:0]": undefined,
    "$.features[?@.value > 'a'].value": undefined,
  };
  for (const [path, value] of Object.entries(found)) {
    test(path, () => expect(find(path)).toEqual(value));
  }
});

test("what is no query is told from what is a wrong one", () => {
  const no = [
    "$. a",
    "$.a b",
    "$.a.",
    "$..",
    "$.a[",
    "$.a[]",
    "$.a[1,]",
    "$.a['x]",
    "$.a[01]",
    "$.a[-0]",
    "$.a[?]",
    "$.😀",
    "$.a ",
    "$.a['\\x']",
  ];
  expect(no.map(parsePath)).toEqual(no.map(() => "syntax"));
  const wrong = [
    "$.a[9007199254740992]",
    "$.a[?nope(@)]",
    "$.a[?length(@)]",
    "$.a[?@.* == 1]",
    "$.a[?count(1) == 1]",
    "$.a[?match(@)]",
  ];
  expect(wrong.map(parsePath)).toEqual(wrong.map(() => "invalid"));
});

test("names of the prototype are found only where they are own", () => {
  const parsed = parsePath("$.a['__proto__']");
  if (typeof parsed === "string") throw new Error(parsed);
  expect(findFirst(parsed, { a: {} })).toBeUndefined();
  expect(findFirst(parsed, JSON.parse('{"a": {"__proto__": 1}}'))).toBe(1);
});

describe("limits", () => {
  const first = (path: string, data: unknown) => {
    const parsed = parsePath(path);
    return typeof parsed === "string" ? parsed : findFirst(parsed, data);
  };

  test("a query that would look at everything many times over gives up", () => {
    const wide = Array.from({ length: 200 }, () => Array.from({ length: 50 }, () => ({ a: 1 })));
    const start = performance.now();
    expect(first("$..*..*..*..*..nope", { wide })).toBeUndefined();
    expect(first("$..[?$..[?$..[?@.nope]]]", { wide })).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test("depth ends at a hundred levels, and circles end", () => {
    let deep: unknown = { bottom: 1 };
    for (let level = 0; level < 500; level += 1) deep = { deep };
    expect(first("$..bottom", deep)).toBeUndefined();
    const circle: Record<string, unknown> = {};
    circle["circle"] = circle;
    expect(first("$..bottom", circle)).toBeUndefined();
  });

  test("texts made to nest are refused", () => {
    expect(typeof parsePath(`$.a${"[?(".repeat(600)}`)).toBe("string");
    expect(parsePath(`$.${"a".repeat(5000)}`)).toBe("syntax");
  });
});
