import { expect, test } from "bun:test";
import { parseQuery } from "@burgee/contract/query";
import { examplesFor } from "./examples.ts";

const trait = (key: string, count: number, ...examples: (string | number | boolean)[]) => ({
  ...{ key, count, examples },
  is_personal: false,
});

test("examples are made of the environment's own traits and can be read", () => {
  const examples = examplesFor([
    trait("plan", 5, "pro"),
    trait("age", 4, 34),
    { ...trait("email", 9, "a@b"), is_personal: true },
  ]);
  expect(examples.slice(0, 3)).toEqual(["plan:pro", "age>=34", "plan:pro age>=34"]);
  for (const example of [...examples, ...examplesFor([trait("odd key", 1, "a b")]), ...examplesFor([])]) {
    expect([example, parseQuery(example).ok]).toEqual([example, true]);
  }
});
