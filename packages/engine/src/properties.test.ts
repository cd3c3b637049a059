/** What holds for every input: random documents, and random JSON in place of any part of them. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { documentOf, overrideOf, segmentOf, stateOf } from "./example-documents.ts";
import {
  compile,
  type DocumentRule,
  decide,
  type EnvironmentDocument,
  type EvaluationContext,
  evaluate,
  explain,
  type FeatureState,
  type Identity,
  matchSegments,
  type TraitValue,
} from "./index.ts";

// Thousands of runs, on machines that may be busy with other things.
setDefaultTimeout(60_000);

const NAMES = ["sail", "oars", "7", "__proto__", "constructor"];
const PROPERTIES = [
  "plan",
  "age",
  "",
  "7",
  "__proto__",
  "$.identity.identifier",
  "$.identity.key",
  "$.environment.name",
];
const PATHS = [
  "$.identity.traits.plan",
  "$.features.sail.enabled",
  "$..key",
  "$.segments.*.name",
  "$. no path",
  "$.a[?nope(@)]",
];
const VALUES = [
  "",
  "pro",
  "5",
  "007",
  "1.5",
  "true",
  "False",
  "50",
  "99.9",
  "2|1",
  "a,b,5",
  '["pro", 5]',
  "1.2.3:semver",
  "^p",
  "(",
  "Staging",
];
const OPERATORS = [
  ...["EQUAL", "NOT_EQUAL", "GREATER_THAN", "GREATER_THAN_INCLUSIVE", "LESS_THAN", "LESS_THAN_INCLUSIVE", "CONTAINS"],
  ...[
    "NOT_CONTAINS",
    "REGEX",
    "MODULO",
    "IN",
    "IS_SET",
    "IS_NOT_SET",
    "PERCENTAGE_SPLIT",
    "PERCENTAGE_SPLIT",
    "NO_SUCH",
  ],
];

const trait: fc.Arbitrary<TraitValue> = fc.oneof(
  fc.constantFrom(...VALUES, true, false, null, 0, 5, 1.5, -1),
  fc.record({ float: fc.integer() }),
  fc.string(),
);
const identity: fc.Arbitrary<Identity> = fc.record(
  {
    identifier: fc.oneof(fc.constantFrom("anna", "007", "a,b", ""), fc.string()),
    key: fc.constantFrom("", "key", "4711"),
    traits: fc.dictionary(fc.constantFrom("plan", "age", "", "7", "$.identity.key", "$. no path"), trait),
  },
  { requiredKeys: ["identifier"] },
);

const condition = fc.record({
  operator: fc.constantFrom(...OPERATORS),
  property_: fc.oneof(fc.constantFrom(...PROPERTIES, null), fc.constantFrom(...PATHS)),
  value: fc.oneof(fc.constantFrom(...VALUES, null), fc.string()),
});
const ruleType = fc.constantFrom("ALL", "ANY", "NONE");
const rule: fc.Arbitrary<DocumentRule> = fc.letrec<{ rule: DocumentRule }>((tie) => ({
  rule: fc.record({
    type: ruleType as fc.Arbitrary<DocumentRule["type"]>,
    conditions: fc.array(condition, { maxLength: 3 }),
    rules: fc.oneof(
      { maxDepth: 3, depthIdentifier: "rules" },
      fc.constant([]),
      fc.array(tie("rule"), { maxLength: 2 }),
    ),
  }),
})).rule;

const state: fc.Arbitrary<FeatureState> = fc
  .record({
    id: fc.integer({ min: 1, max: 400 }),
    name: fc.constantFrom(...NAMES),
    enabled: fc.boolean(),
    value: fc.constantFrom("text", 7, true, null, ""),
    weights: fc.array(fc.constantFrom(0, 10, 33.3, 50, 100), { maxLength: 3 }),
    priority: fc.constantFrom(null, -1, 0, 1, 1, 2),
  })
  .map(({ id, name, ...options }) => stateOf(id, name, options));

const document: fc.Arbitrary<EnvironmentDocument> = fc
  .record({
    states: fc.uniqueArray(state, { selector: (one) => one.feature.name, maxLength: 5 }),
    segments: fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 99 }),
        name: fc.constantFrom("crew", "guests", "7"),
        rules: fc.array(rule, { maxLength: 2 }),
        overrides: fc.array(state, { maxLength: 3 }),
      }),
      { selector: (one) => one.id, maxLength: 6 },
    ),
  })
  .map(({ states, segments }) =>
    documentOf(
      states,
      // Plain objects put such keys in ascending order, and a context is a plain object.
      segments
        .toSorted((a, b) => a.id - b.id)
        .map(({ id, name, rules, overrides }) => segmentOf(id, name, rules, overrides)),
    ),
  );

/** The mapping that SDKs do, written once more and separately. */
function contextOf(source: EnvironmentDocument, who: Identity): EvaluationContext {
  const feature = (one: FeatureState) => ({
    key: String(one.django_id),
    name: one.feature.name,
    enabled: one.enabled,
    value: one.feature_state_value,
    metadata: { id: one.feature.id },
    ...(one.multivariate_feature_state_values.length > 0 && {
      variants: one.multivariate_feature_state_values.map((variant) => ({
        key: variant.multivariate_feature_option.key,
        value: variant.multivariate_feature_option.value,
        weight: variant.percentage_allocation,
        priority: variant.id,
      })),
    }),
    ...(typeof one.feature_segment?.priority === "number" && { priority: one.feature_segment.priority }),
  });
  const contextRule = (
    one: DocumentRule,
  ): NonNullable<NonNullable<EvaluationContext["segments"]>[string]>["rules"][number] => ({
    type: one.type,
    conditions: one.conditions.map(({ property_, operator, value }) => ({
      property: property_ ?? "",
      operator,
      value: value ?? "",
    })),
    rules: one.rules.map(contextRule),
  });
  return {
    environment: { key: source.api_key, name: source.name },
    features: Object.fromEntries(source.feature_states.map((one) => [one.feature.name, feature(one)])),
    segments: Object.fromEntries(
      source.project.segments.map((one) => [
        String(one.id),
        {
          key: String(one.id),
          name: one.name,
          rules: one.rules.map(contextRule),
          overrides: one.feature_states.map(feature),
          metadata: { id: one.id, source: "api" },
        },
      ]),
    ),
    identity: who,
  };
}

describe("for every document and identity", () => {
  test("a compiled document answers as the same document written as a context", () => {
    let matched = 0;
    fc.assert(
      fc.property(document, identity, (source, who) => {
        const result = evaluate(compile(source), who);
        expect(result).toEqual(evaluate(contextOf(source, who)));
        matched += result.segments.length;
      }),
      { numRuns: 1500 },
    );
    // A property that never saw a segment match would say little.
    expect(matched).toBeGreaterThan(500);
  });

  test("decide, matchSegments and evaluate agree", () => {
    fc.assert(
      fc.property(document, identity, fc.array(state, { maxLength: 2 }), (source, who, overrides) => {
        const compiled = compile({ ...source, identity_overrides: [overrideOf("anna", overrides)] });
        const { flags, segments } = evaluate(compiled, who);
        const outcomes = decide(compiled, who);
        expect(Object.fromEntries(outcomes.map(({ flag }) => [flag.name, flag]))).toEqual(flags);
        const own = segments.filter((segment) => segment.metadata?.["source"] === "api");
        expect(matchSegments(compiled, who).map((segment) => segment.id)).toEqual(
          own.map((segment) => segment.metadata?.["id"] as number),
        );
        for (const outcome of outcomes) expect(compiled.outcomes[outcome.index]).toBe(outcome);
      }),
      { numRuns: 500 },
    );
  });

  test("an explanation agrees with the evaluation it explains", () => {
    fc.assert(
      fc.property(document, fc.option(identity), fc.array(state, { maxLength: 2 }), (source, who, overrides) => {
        const compiled = compile({ ...source, identity_overrides: [overrideOf("anna", overrides)] });
        const { flags, segments } = evaluate(compiled, who);
        const trace = explain(compiled, who);
        expect(Object.fromEntries(trace.flags.map((flag) => [flag.name, flag.result]))).toEqual(flags);
        expect(trace.segments.filter((segment) => segment.matched).map((segment) => segment.name)).toEqual(
          segments.filter((segment) => segment.name !== "identity_overrides").map((segment) => segment.name),
        );
        expect(JSON.parse(JSON.stringify(trace))).toBeDefined();
        for (const { split, result } of trace.flags) {
          if (split === null) continue;
          const hit = split.variants.find(({ start, limit }) => start <= split.percentage && split.percentage < limit);
          expect(split.variants.filter((variant) => variant.hit)).toEqual(hit === undefined ? [] : [hit]);
          expect(result.variant).toBe(hit === undefined ? "control" : hit.variant);
        }
      }),
      { numRuns: 700 },
    );
  });

  test("evaluating changes neither the document nor the identity", () => {
    fc.assert(
      fc.property(document, identity, (source, who) => {
        const before = JSON.stringify([source, who]);
        evaluate(compile(source), who);
        explain(compile(source), who);
        evaluate(contextOf(source, who));
        expect(JSON.stringify([source, who])).toBe(before);
      }),
      { numRuns: 200 },
    );
  });
});

/** Does everything the engine can do with what it is given. */
function doEverything(source: unknown, who: unknown): void {
  const compiled = compile(source as EnvironmentDocument);
  for (const one of [who, null, undefined]) {
    evaluate(compiled, one as Identity);
    decide(compiled, one as Identity);
    matchSegments(compiled, one as Identity);
    explain(compiled, one as Identity);
  }
  for (const one of [source, who]) {
    evaluate(one as EvaluationContext);
    explain(one as EvaluationContext);
  }
}

/** Replaces one value somewhere inside by another. */
function spoil(value: unknown, path: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null) return replacement;
  const names = Object.keys(value);
  const name = names[step % Math.max(1, names.length)];
  if (name === undefined) return replacement;
  const inside = spoil((value as Record<string, unknown>)[name], rest, replacement);
  return Array.isArray(value) ? value.with(Number(name), inside) : { ...value, [name]: inside };
}

describe("nothing throws and nothing hangs", () => {
  const depth = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 });

  test("on any JSON at all", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (source, who) => doEverything(source, who)),
      { numRuns: 1000 },
    );
  });

  test("on a document, context or identity with any JSON in any place", () => {
    fc.assert(
      fc.property(document, identity, depth, depth, fc.jsonValue(), (source, who, inDocument, inIdentity, json) => {
        doEverything(spoil(source, inDocument, json), spoil(who, inIdentity, json));
        const context = spoil(contextOf(source, who), inDocument, json) as EvaluationContext;
        expect(Object.keys(evaluate(context))).toEqual(["flags", "segments"]);
        explain(context);
      }),
      { numRuns: 1500 },
    );
  });

  test("on rules nested beyond all sense, which nobody matches", () => {
    let deep: unknown = { type: "ALL", conditions: [], rules: [] };
    for (let level = 0; level < 20_000; level += 1) deep = { type: "ALL", conditions: [], rules: [deep] };
    const source = documentOf([], [segmentOf(1, "deep", [deep], [])]);
    const context = {
      environment: { key: "e", name: "E" },
      segments: { s: { key: "1", name: "deep", rules: [deep] } },
    };
    expect(evaluate(compile(source), { identifier: "anna" }).segments).toEqual([]);
    expect(evaluate(context as EvaluationContext).segments).toEqual([]);
    doEverything(source, { identifier: "anna" });
  });

  test("on rules, values and traits that contain themselves", () => {
    const circle: Record<string, unknown> = { type: "ALL", conditions: [] };
    circle["rules"] = [circle, circle];
    const list: unknown[] = [];
    list.push(list, list);
    const looped = { operator: "EQUAL", property_: "x", property: "$..x", value: list };
    circle["conditions"] = [looped];
    const segments = [
      segmentOf(1, "circle", [circle], []),
      segmentOf(2, "list", [{ type: "ANY", rules: [], conditions: [looped] }], []),
    ];
    doEverything(documentOf([], segments), { identifier: "anna", traits: { x: list, circle } });
    doEverything(
      { environment: circle, segments: { s: { rules: [circle] } }, identity: { identifier: circle } },
      circle,
    );
  });
});
