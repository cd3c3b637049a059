import { describe, expect, test } from "bun:test";
import { documentOf, overrideOf, ruleOf, segmentOf, stateOf } from "./example-documents.ts";
import { compile, decide, evaluate, type FlagResult, type Identity, matchSegments, percentage } from "./index.ts";

const everyone = ruleOf("$.identity.identifier", "IS_SET", "");
const anna: Identity = { identifier: "anna" };

function flag(document: ReturnType<typeof documentOf>, identity: Identity | null = anna): FlagResult {
  const found = evaluate(compile(document), identity).flags["sail"];
  if (found === undefined) throw new Error("no such flag");
  return found;
}

describe("a compiled document", () => {
  test("gives the environment's defaults without an identity, segments aside", () => {
    const always = ruleOf("$.environment.name", "EQUAL", "Staging");
    const document = documentOf([stateOf(1, "sail")], [segmentOf(1, "all", [always], [stateOf(2, "sail")])]);
    const result = evaluate(compile(document), null);
    expect(result.segments).toEqual([]);
    expect(result.flags["sail"]).toMatchObject({ value: "sail-1", reason: "DEFAULT", variant: null });
  });

  test("names the feature's id in every flag and the source in every segment", () => {
    const document = documentOf([stateOf(1, "sail")], [segmentOf(5, "all", [everyone], [])]);
    const { flags, segments } = evaluate(compile(document), anna);
    expect(flags["sail"]?.metadata).toEqual({ id: stateOf(1, "sail").feature.id });
    expect(segments).toEqual([{ name: "all", metadata: { id: 5, source: "api" } }]);
  });

  test("takes null properties and values of conditions for empty ones", () => {
    const rules = [ruleOf(null, "PERCENTAGE_SPLIT", "100"), ruleOf("name", "CONTAINS", null)];
    const document = documentOf([], [segmentOf(1, "all", rules, [])]);
    expect(evaluate(compile(document), { identifier: "anna", traits: { name: "x" } }).segments.length).toBe(1);
  });

  test("hashes the segment's id with the environment key and the identifier", () => {
    const share = percentage(["17", "client-key_anna"]);
    const inAt = (percent: number) => {
      const rule = ruleOf("", "PERCENTAGE_SPLIT", String(percent));
      return evaluate(compile(documentOf([], [segmentOf(17, "split", [rule], [])])), anna).segments.length === 1;
    };
    expect([inAt(share - 0.01), inAt(share)]).toEqual([false, true]);
  });

  test("hashes equal splits of two segments apart", () => {
    const ids = [17, 18];
    const shares = ids.map((id) => percentage([String(id), "client-key_anna"]));
    const between = String(((shares[0] ?? 0) + (shares[1] ?? 0)) / 2);
    const segments = ids.map((id) => segmentOf(id, `${id}`, [ruleOf("", "PERCENTAGE_SPLIT", between)], []));
    const lower = ids[(shares[0] ?? 0) < (shares[1] ?? 0) ? 0 : 1];
    expect(matchSegments(compile(documentOf([], segments)), anna).map((segment) => segment.id)).toEqual([
      lower as number,
    ]);
  });

  test("uses an identity's key as it is", () => {
    const share = percentage(["17", "4711"]);
    const rule = ruleOf("", "PERCENTAGE_SPLIT", String(share));
    const compiled = compile(documentOf([], [segmentOf(17, "split", [rule], [])]));
    expect(evaluate(compiled, { identifier: "anna", key: "4711" }).segments.length).toBe(1);
  });

  test("draws variants with the state's seed, or its uuid where the seed is null", () => {
    for (const seed of [77, null]) {
      const state = stateOf(9, "sail", { weights: [50], seed });
      const share = percentage([seed === null ? state.featurestate_uuid : "77", "client-key_anna"]);
      expect(flag(documentOf([state], [])).variant).toBe(share < 50 ? "key-0" : "control");
    }
  });

  test("lays variants out by id, and by the number in their uuid where ids are null", () => {
    const state = stateOf(1, "sail", { weights: [100, 100] });
    const [first, second] = state.multivariate_feature_state_values;
    if (first === undefined || second === undefined) throw new Error("two variants expected");
    const uuids = ["ffffffff-0000-4000-8000-000000000000", "10000000-0000-4000-8000-000000000000"] as const;
    const unnumbered = [
      { ...first, id: null, mv_fs_value_uuid: uuids[0] },
      { ...second, id: null, mv_fs_value_uuid: uuids[1] },
    ];
    expect(flag(documentOf([{ ...state, multivariate_feature_state_values: [second, first] }], [])).variant).toBe(
      "key-0",
    );
    expect(flag(documentOf([{ ...state, multivariate_feature_state_values: unnumbered }], [])).variant).toBe("key-1");
  });

  test("keeps features and segments in the document's order, not in that of numbers", () => {
    const segments = [segmentOf(20, "b", [everyone], []), segmentOf(3, "a", [everyone], [])];
    const compiled = compile(documentOf([stateOf(1, "20"), stateOf(2, "3")], segments));
    expect(compiled.features.map((feature) => feature.name)).toEqual(["20", "3"]);
    expect(evaluate(compiled, anna).segments.map((segment) => segment.name)).toEqual(["b", "a"]);
  });

  test("of equal priorities takes the segment that stands first in the document", () => {
    const override = (id: number) => [stateOf(id, "sail", { priority: 1 })];
    const segments = [
      segmentOf(9, "first", [everyone], override(11)),
      segmentOf(1, "second", [everyone], override(12)),
    ];
    expect(flag(documentOf([stateOf(1, "sail")], segments)).value).toBe("sail-11");
  });

  test("takes a null priority for the weakest", () => {
    const segments = [
      segmentOf(1, "none", [everyone], [stateOf(11, "sail", { priority: null })]),
      segmentOf(2, "some", [everyone], [stateOf(12, "sail", { priority: 99 })]),
    ];
    expect(flag(documentOf([stateOf(1, "sail")], segments)).value).toBe("sail-12");
  });

  test("serves names that plain objects already know", () => {
    const names = ["__proto__", "constructor", "toString"];
    const compiled = compile(
      documentOf(
        names.map((name, index) => stateOf(index, name)),
        [],
      ),
    );
    const { flags } = evaluate(compiled, anna);
    expect(Object.keys(flags).toSorted()).toEqual(names.toSorted());
    expect(Object.getOwnPropertyDescriptor(flags, "__proto__")?.value).toMatchObject({ value: "__proto__-0" });
    expect(Object.getPrototypeOf(flags)).toBe(Object.prototype);
  });

  test("serves as many features as there are, few or many", () => {
    for (const count of [0, 1, 119, 120, 121, 600]) {
      const names = Array.from({ length: count }, (_, index) => `f${index}`);
      const states = names.map((name, index) => stateOf(index, name, { weights: index % 2 === 0 ? [50] : [] }));
      const { flags } = evaluate(compile(documentOf(states, [])), anna);
      expect(Object.keys(flags)).toEqual(names);
      expect(names.every((name) => flags[name]?.name === name)).toBe(true);
    }
  });

  test("tells 2.0 from 2 where the caller says so", () => {
    const inAt = (value: string, trait: number | { float: number }) => {
      const document = documentOf([], [segmentOf(1, "s", [ruleOf("n", "EQUAL", value)], [])]);
      return evaluate(compile(document), { identifier: "anna", traits: { n: trait } }).segments.length === 1;
    };
    expect([inAt("2", 2), inAt("2.0", 2), inAt("2", { float: 2 }), inAt("2.0", { float: 2 })]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  test("sees the environment, the identity and the flags through paths", () => {
    const paths = {
      "$.environment.key": "client-key",
      "$.identity.key": "client-key_anna",
      "$.identity.traits.plan": "pro",
      "$.features.sail.value": "sail-1",
      "$.segments['0'].rules[0].conditions[0].property": "$.environment.key",
      "$.segments['0'].metadata.source": "api",
    };
    const segments = Object.entries(paths).map(([path, value], id) =>
      segmentOf(id, `${id}`, [ruleOf(path, "EQUAL", value)], []),
    );
    const compiled = compile(documentOf([stateOf(1, "sail")], segments));
    expect(matchSegments(compiled, { identifier: "anna", traits: { plan: "pro" } })).toEqual(segments);
  });
});

describe("identity overrides", () => {
  const segments = [segmentOf(1, "all", [everyone], [stateOf(2, "sail", { priority: 0 })])];
  const states = [stateOf(1, "sail"), stateOf(5, "oars")];

  test("beat every segment and are listed last", () => {
    const document = documentOf(states, segments, [overrideOf("anna", [stateOf(3, "sail")])]);
    const { flags, segments: listed } = evaluate(compile(document), anna);
    expect(flags["sail"]).toMatchObject({ value: "sail-3", reason: "TARGETING_MATCH; segment=identity_overrides" });
    expect(flags["oars"]).toMatchObject({ value: "oars-5", reason: "DEFAULT" });
    expect(listed).toEqual([
      { name: "all", metadata: { id: 1, source: "api" } },
      { name: "identity_overrides", metadata: { source: "identity_overrides" } },
    ]);
  });

  test("are found by the exact identifier, whatever it spells", () => {
    const identifiers = ["a,b", "007", "1.5", "", "[1]", "__proto__"];
    const overrides = identifiers.map((identifier, index) => overrideOf(identifier, [stateOf(100 + index, "sail")]));
    const compiled = compile(documentOf(states, [], overrides));
    const values = [...identifiers, "a", "7", "constructor"].map(
      (identifier) => evaluate(compiled, { identifier }).flags["sail"]?.value,
    );
    expect(values).toEqual([
      "sail-100",
      "sail-101",
      "sail-102",
      "sail-103",
      "sail-104",
      "sail-105",
      "sail-1",
      "sail-1",
      "sail-1",
    ]);
  });

  test("keep their variants", () => {
    const pinned = stateOf(3, "sail", { weights: [100] });
    expect(flag(documentOf(states, segments, [overrideOf("anna", [pinned])]))).toMatchObject({
      value: "value-0",
      reason: "SPLIT; weight=100",
      variant: "key-0",
    });
  });

  test("are not listed where an identity has none", () => {
    expect(evaluate(compile(documentOf(states, [], [overrideOf("anna", [])])), anna).segments).toEqual([]);
  });

  test("held elsewhere win over the document's, feature by feature", () => {
    const compiled = compile(
      documentOf(states, segments, [overrideOf("anna", [stateOf(3, "sail"), stateOf(4, "oars")])]),
    );
    const { flags, segments: listed } = evaluate(compiled, { identifier: "anna", overrides: [stateOf(6, "sail")] });
    expect([flags["sail"]?.value, flags["oars"]?.value]).toEqual(["sail-6", "oars-4"]);
    expect(listed.filter((segment) => segment.name === "identity_overrides").length).toBe(1);
  });

  test("held elsewhere count without any in the document", () => {
    const { flags } = evaluate(compile(documentOf(states, segments)), {
      identifier: "bert",
      overrides: [stateOf(6, "sail")],
    });
    expect(flags["sail"]).toMatchObject({ value: "sail-6", reason: "TARGETING_MATCH; segment=identity_overrides" });
  });
});

describe("decide", () => {
  const weighted = stateOf(1, "sail", { weights: [30, 30] });
  const override = stateOf(2, "oars");
  const segment = segmentOf(4, "crew", [ruleOf("crew", "EQUAL", "true")], [override]);
  const document = documentOf([weighted, stateOf(3, "oars")], [segment]);
  const compiled = compile(document);

  test("gives one outcome a feature, in their order, with the document's own objects", () => {
    const [sail, oars] = decide(compiled, { identifier: "anna", traits: { crew: true } });
    expect(sail?.state).toBe(weighted);
    expect(sail?.source).toBe("default");
    expect(oars?.state).toBe(override);
    expect(oars?.segment).toBe(segment);
    expect(oars?.source).toBe("segment");
  });

  test("gives the same object for the same decision, at the place its index says", () => {
    for (let id = 0; id < 50; id += 1) {
      const identity = { identifier: `user-${id}`, traits: { crew: id % 2 === 0 } };
      const outcomes = decide(compiled, identity);
      expect(decide(compiled, { ...identity }).every((outcome, index) => outcome === outcomes[index])).toBe(true);
      expect(outcomes.every((outcome) => compiled.outcomes[outcome.index] === outcome)).toBe(true);
    }
    expect(compiled.outcomes.map((outcome) => outcome.index)).toEqual(compiled.outcomes.map((_, index) => index));
  });

  test("names the variant that was drawn", () => {
    const drawn = Array.from({ length: 60 }, (_, id) => decide(compiled, { identifier: `user-${id}` })[0]);
    for (const outcome of drawn) {
      const option = outcome?.variant?.multivariate_feature_option;
      expect(outcome?.flag.variant).toBe(option?.key ?? "control");
    }
    expect(new Set(drawn.map((outcome) => outcome?.flag.variant))).toEqual(new Set(["key-0", "key-1", "control"]));
  });

  test("gives the defaults for nobody, in a list of one's own", () => {
    const first = decide(compiled, null);
    first.length = 0;
    expect(decide(compiled, null).map((outcome) => outcome.flag.variant)).toEqual([null, null]);
  });

  test("marks what was made on the spot with -1", () => {
    const own = stateOf(8, "oars");
    const outcome = decide(compiled, { identifier: "anna", overrides: [own] })[1];
    expect(outcome).toMatchObject({ index: -1, source: "identity" });
    expect(outcome?.state).toBe(own);
  });

  test("hands out results that cannot be changed", () => {
    const [outcome] = decide(compiled, anna);
    expect(Object.isFrozen(outcome)).toBe(true);
    expect(Object.isFrozen(outcome?.flag)).toBe(true);
    expect(Object.isFrozen(outcome?.flag.metadata)).toBe(true);
  });
});

test("matchSegments gives the document's own segments, in its order", () => {
  const segments = [segmentOf(9, "b", [everyone], []), segmentOf(8, "no", [], []), segmentOf(7, "a", [everyone], [])];
  const compiled = compile(documentOf([], segments, [overrideOf("anna", [stateOf(1, "sail")])]));
  const matched = matchSegments(compiled, anna);
  expect(matched.map((segment) => segment.name)).toEqual(["b", "a"]);
  expect(matched[0]).toBe(segments[0]);
});
