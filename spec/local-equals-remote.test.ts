/**
 * An application may let the server decide or decide by itself from the environment document: nobody may notice the difference.
 * Here the stock Node SDK decides, and our server, over HTTP, for the same identities with the same traits.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Flagsmith } from "flagsmith-nodejs";
import { buildDocument, type DocumentInput, serverKey } from "./builders.ts";
import { hasConformance, readConformance, sayIfSkipped } from "./conformance.ts";
import { whyTheyDiffer } from "./node-python-differences.ts";
import { silent } from "./sdk/sample.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";

sayIfSkipped("local-equals-remote.test.ts");

type Traits = Readonly<Record<string, string | number | boolean>>;
type Decisions = Readonly<Record<string, readonly [enabled: boolean, value: unknown]>>;

interface Pair {
  local(identifier: string, traits: Traits): Promise<Decisions>;
  remote(identifier: string, traits: Traits): Promise<Decisions>;
  close(): Promise<void>;
}

async function openPair(served: ServedApp, document: unknown): Promise<Pair> {
  const id = (document as { id: number }).id;
  await served.importDocument(document, serverKey(id));
  const config = { environmentKey: serverKey(id), apiUrl: served.api, logger: silent as never };
  const sdk = new Flagsmith({ ...config, enableLocalEvaluation: true, environmentRefreshIntervalSeconds: 3600 });
  return {
    local: async (identifier, traits) => {
      const flags = (await sdk.getIdentityFlags(identifier, { ...traits })).allFlags();
      return Object.fromEntries(flags.map((flag) => [flag.featureName, [flag.enabled, flag.value ?? null]]));
    },
    remote: async (identifier, traits) => {
      const response = await fetch(`${served.api}identities/`, {
        method: "POST",
        // A server key, because the document it decides from holds server-only features too.
        headers: { "X-Environment-Key": serverKey(id), "Content-Type": "application/json" },
        body: JSON.stringify({
          identifier,
          traits: Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value })),
        }),
      });
      const { flags } = (await response.json()) as {
        flags: { feature: { name: string }; enabled: boolean; feature_state_value: unknown }[];
      };
      return Object.fromEntries(flags.map((flag) => [flag.feature.name, [flag.enabled, flag.feature_state_value]]));
    },
    close: () => sdk.close(),
  };
}

let served: ServedApp;
beforeAll(async () => {
  served = await serveTestApp();
});
afterAll(() => served.close());

describe.if(hasConformance)("the shared documents", () => {
  interface Person {
    readonly identifier: string;
    readonly traits: Traits;
  }
  const people = hasConformance ? (readConformance("documents/identities.json") as Person[]).slice(0, 1000) : [];

  // Nothing is left out: the documents ask only what both engines answer alike. Their identity overrides hold no variants,
  // and the one trait that the Node SDK forgets of overridden identities (`beta`, when false) is asked by no segment.
  test.each(["small", "medium", "large"])(
    "%s: 1,000 identities get the same flags either way",
    async (size) => {
      const pair = await openPair(served, readConformance(`documents/${size}.json`));
      const distinct = new Set<string>();
      for (const { identifier, traits } of people) {
        const [local, remote] = [await pair.local(identifier, traits), await pair.remote(identifier, traits)];
        if (!Bun.deepEquals(local, remote)) expect({ identifier, flags: remote }).toEqual({ identifier, flags: local });
        distinct.add(JSON.stringify(remote));
      }
      await pair.close();
      expect(people.length).toBe(1000);
      // The same answer for everybody would agree just as well.
      expect(distinct.size).toBeGreaterThan(10);
    },
    180_000,
  );
});

describe("documents of our own", () => {
  const operators: Readonly<Record<string, readonly string[]>> = {
    EQUAL: ["", "5", "-3", "2.5", "true", "False", "abc", "ABC", "ü", "1.2.3:semver", "0", "x y"],
    NOT_EQUAL: ["", "5", "2.5", "true", "abc", "ü", "0"],
    GREATER_THAN: ["5", "-3", "2.5", "abc", "1.2.3:semver", "true"],
    GREATER_THAN_INCLUSIVE: ["5", "2.5", "abc", "1.2.3:semver"],
    LESS_THAN: ["5", "2.5", "b", "1.10.0:semver", "true"],
    LESS_THAN_INCLUSIVE: ["5", "2.5", "b", "1.2.3:semver"],
    CONTAINS: ["b", "abc", " ", "ü", "5"],
    NOT_CONTAINS: ["b", "abc", "ü", "5"],
    REGEX: ["^a", "^abc$", "^[0-9]+$", "^.*c", "^ü", "^$", "^("],
    MODULO: ["2|0", "3|2", "2.5|0", "7|5"],
    IN: ["", "abc", "5,abc", "a,b", "true,false", '["abc", "5"]', "[]", "ü,ö", "5, abc"],
    IS_SET: [""],
    IS_NOT_SET: [""],
  };
  const traits = [
    undefined,
    "",
    "abc",
    "ABC",
    "a,b",
    " abc ",
    "b",
    "ü",
    "true",
    "5",
    "007",
    "1.50",
    "1e3",
    "x y",
    "1.2.3",
    "1.2.4-beta.1",
    "1.10.0",
    "v1.2.3",
    true,
    false,
    0,
    1,
    2,
    5,
    -3,
    12,
    2.5,
    5.5,
    -0.5,
  ] as const;
  const conditions = Object.entries(operators).flatMap(([operator, values]) =>
    values.map((value) => ({ operator, value })),
  );
  const nameOf = ({ operator, value }: { operator: string; value: string }, i: number) => `${i}: ${operator} ${value}`;

  test("every operator, on every kind of trait that both engines read alike", async () => {
    const pair = await openPair(
      served,
      buildDocument({
        id: 7,
        features: conditions.map((condition, i) => ({ name: nameOf(condition, i), value: "no" })),
        segments: conditions.map((condition, i) => ({
          name: nameOf(condition, i),
          conditions: [{ property: "p", ...condition }],
          overrides: [{ feature: nameOf(condition, i), enabled: true, value: "yes" }],
        })),
      }),
    );
    const wrong: string[] = [];
    let compared = 0;
    let matched = 0;
    for (const [i, trait] of traits.entries()) {
      const own: Traits = trait === undefined ? {} : { p: trait };
      const [local, remote] = [await pair.local(`one-${i}`, own), await pair.remote(`one-${i}`, own)];
      for (const [j, condition] of conditions.entries()) {
        if (whyTheyDiffer(condition.operator, condition.value, trait)) continue;
        const name = nameOf(condition, j);
        compared += 1;
        if (remote[name]?.[0]) matched += 1;
        if (!Bun.deepEquals(local[name], remote[name]))
          wrong.push(`${JSON.stringify(trait)} ${name}: local ${local[name]}, remote ${remote[name]}`);
      }
    }
    await pair.close();
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(conditions.length * traits.length * 0.6);
    expect(matched).toBeGreaterThan(compared * 0.1);
  });

  const mixed: DocumentInput = {
    id: 8,
    name: "Production",
    features: [
      {
        name: "colour",
        enabled: true,
        value: "grey",
        variants: [
          { key: "a", value: "blue", weight: 33.3 },
          { key: "b", value: 7, weight: 20 },
        ],
      },
      { name: "rollout", enabled: false },
      { name: "half", enabled: true, value: true, variants: [{ key: null, value: false, weight: 50 }] },
      { name: "plain", enabled: true, value: "default" },
    ],
    segments: [
      {
        name: "a third",
        conditions: [{ property: "", operator: "PERCENTAGE_SPLIT", value: "33.3" }],
        overrides: [{ feature: "rollout", enabled: true, value: 1, priority: 5 }],
      },
      {
        name: "by identifier",
        conditions: [{ property: "$.identity.identifier", operator: "PERCENTAGE_SPLIT", value: "20" }],
        overrides: [{ feature: "rollout", enabled: true, value: 2, priority: 2 }],
      },
      {
        name: "nested",
        rules: [
          {
            type: "ALL",
            rules: [
              {
                type: "ANY",
                conditions: [
                  { property: "plan", operator: "IN", value: "pro,scale" },
                  { property: "$.identity.identifier", operator: "CONTAINS", value: "7" },
                ],
              },
              { type: "NONE", conditions: [{ property: "blocked", operator: "EQUAL", value: "true" }] },
            ],
          },
        ],
        overrides: [
          {
            feature: "colour",
            enabled: true,
            value: "nested",
            priority: 3,
            variants: [{ key: "a", value: "blue", weight: 50 }],
          },
          { feature: "plain", enabled: true, value: "nested", priority: 3 },
        ],
      },
      {
        name: "here",
        conditions: [
          { property: "$.environment.name", operator: "EQUAL", value: "Production" },
          { property: "plan", operator: "EQUAL", value: "free" },
        ],
        overrides: [{ feature: "plain", enabled: false, value: null, priority: 1 }],
      },
    ],
    identities: [
      { identifier: "pinned-1", overrides: [{ feature: "plain", enabled: true, value: "mine" }] },
      {
        identifier: "pinned-2",
        overrides: [
          { feature: "colour", enabled: false, value: "mine" },
          { feature: "rollout", enabled: true, value: "mine" },
        ],
      },
    ],
  };

  // Left out: identifiers that look like numbers (Python reads those as numbers in conditions on them), overrides of identifiers
  // with a comma (Node applies them to the parts), and falsy traits of overridden identities (the Node SDK forgets them).
  test("splits, variants, priorities, nested rules, paths and overrides, for odd identifiers too", async () => {
    const pair = await openPair(served, buildDocument(mixed));
    const plans = ["free", "pro", "scale", ""];
    const odd = [
      "ünï-😀",
      "a,b",
      "inner  space",
      'quote"s',
      "back\\slash",
      "x".repeat(2000),
      "__proto__",
      "constructor",
      "日本 7",
    ];
    const identifiers = [...odd, "pinned-1", "pinned-2", ...Array.from({ length: 500 }, (_, i) => `user-${i}`)];
    const distinct = new Set<string>();
    for (const [i, identifier] of identifiers.entries()) {
      const own: Traits = { plan: plans[i % 3] ?? "", ...(i % 5 === 0 ? { blocked: true } : {}) };
      const [local, remote] = [await pair.local(identifier, own), await pair.remote(identifier, own)];
      expect({ identifier, flags: remote }).toEqual({ identifier, flags: local });
      distinct.add(JSON.stringify(remote));
    }
    await pair.close();
    expect(distinct.size).toBeGreaterThan(25);
  });
});
