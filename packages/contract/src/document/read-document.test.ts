import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { conditionOperators, parseEnvironmentDocument, readEnvironmentDocument } from "./index.ts";

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

const state = (n: number, featureId = n): Record<string, unknown> => ({
  feature: { id: featureId, name: `feature_${featureId}`, type: "STANDARD" },
  enabled: true,
  django_id: n,
  featurestate_uuid: uuid(n),
  feature_state_value: "v",
  feature_segment: null,
  multivariate_feature_state_values: [],
});

const variant = (n: number, percentage: unknown): Record<string, unknown> => ({
  id: n,
  mv_fs_value_uuid: uuid(9000 + n),
  percentage_allocation: percentage,
  multivariate_feature_option: { id: n, value: "a", key: `variant-${n}` },
});

const condition = { operator: "EQUAL", property_: "plan", value: "pro" };
const rule = { type: "ALL", rules: [{ type: "ANY", rules: [], conditions: [condition] }], conditions: [] };

/** A document that says everything, as the runtime API serves it. */
const sample = () => ({
  id: 1,
  api_key: "clientKey",
  name: "Production",
  updated_at: "2026-06-01T12:00:00.123456+00:00",
  allow_client_traits: true,
  hide_sensitive_data: false,
  hide_disabled_flags: null as boolean | null,
  use_identity_composite_key_for_hashing: true,
  use_identity_overrides_in_local_eval: true,
  project: {
    id: 1,
    name: "Shop",
    hide_disabled_flags: false,
    enable_realtime_updates: true,
    server_key_only_feature_ids: [2],
    organisation: {
      id: 1,
      name: "Acme",
      feature_analytics: false,
      stop_serving_flags: false,
      persist_trait_data: true,
    },
    segments: [
      { id: 1, name: "Pros", rules: [rule], feature_states: [{ ...state(3, 1), feature_segment: { priority: 0 } }] },
    ] as Record<string, unknown>[],
  },
  feature_states: [
    { ...state(1), multivariate_feature_state_values: [variant(1, 33.3), variant(2, 66.7)] },
    state(2),
  ] as Record<string, unknown>[],
  identity_overrides: [
    {
      identifier: "user-7",
      environment_api_key: "clientKey",
      created_date: "2026-05-01T00:00:00.000000+00:00",
      django_id: 7,
      identity_uuid: uuid(7),
      dashboard_alias: null,
      composite_key: "clientKey_user-7",
      identity_traits: [],
      identity_features: [state(4, 2)],
    },
  ] as Record<string, unknown>[],
});

type Path = readonly (string | number)[];

/** A copy of the sample with one place changed; undefined takes the key away. */
function changed(path: Path, value: unknown): unknown {
  const document: unknown = structuredClone(sample());
  const last = path.at(-1) as string;
  const owner = path.slice(0, -1).reduce((part: unknown, key) => (part as never)[key], document) as Record<
    string,
    unknown
  >;
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return document;
}

const problems = (value: unknown): Record<string, string> => {
  const reading = readEnvironmentDocument(value);
  return reading.ok ? {} : Object.fromEntries(reading.problems.map(({ path, message }) => [path, message]));
};

describe("a sound document", () => {
  test("comes back as it was", () => {
    expect(readEnvironmentDocument(sample())).toEqual({ ok: true, document: sample() } as never);
  });

  test("may say more and need not say everything", () => {
    const short = {
      id: 1,
      api_key: "k",
      name: "n",
      amplitude_config: null,
      project: { id: 1, name: "p", organisation: { id: 1, name: "o" }, segments: [{ id: 1, name: "s", rules: [] }] },
      feature_states: [
        { feature: { id: 1, name: "f" }, enabled: false, featurestate_uuid: uuid(1), feature_state_value: null },
      ],
    };
    expect(readEnvironmentDocument(short)).toMatchObject({
      ok: true,
      document: {
        allow_client_traits: true,
        hide_disabled_flags: null,
        identity_overrides: [],
        project: { organisation: { persist_trait_data: true }, segments: [{ feature_states: [] }] },
        feature_states: [{ django_id: null, feature_segment: null, multivariate_feature_state_values: [] }],
      },
    });
    const reading = readEnvironmentDocument(short);
    expect(reading.ok && "amplitude_config" in reading.document).toBe(false);
  });

  test("may be text with whole floats for shares and scalars for conditions", () => {
    const text = JSON.stringify(
      changed(["project", "segments", 0, "rules", 0, "conditions"], [{ ...condition, value: 5 }]),
    )
      .replace('"percentage_allocation":33.3', '"percentage_allocation":30.0')
      .replace('"property_":"plan","value":5', '"property_":"plan","value":5.0');
    const reading = parseEnvironmentDocument(text);
    if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
    expect(reading.document.feature_states[0]?.multivariate_feature_state_values[0]?.percentage_allocation).toBe(30);
    expect(reading.document.project.segments[0]?.rules[0]?.conditions[0]?.value).toBe("5.0");
  });

  test.each(conditionOperators.map((operator) => ({ operator })))("knows $operator", ({ operator }) => {
    expect(problems(changed(["project", "segments", 0, "rules", 0, "conditions"], [{ operator }]))).toEqual({});
  });
});

describe("every problem is named with its place", () => {
  const condition0 = ["project", "segments", 0, "rules", 0, "rules", 0, "conditions", 0] as const;
  const value0 = ["feature_states", 0, "multivariate_feature_state_values", 0] as const;
  const cases: readonly (readonly [Path, unknown, string])[] = [
    [["id"], 0, "must be at least 1"],
    [["id"], "1", "must be a number"],
    [["id"], 1.5, "must be a whole number"],
    [["id"], 2 ** 31, "must be at most 2147483647"],
    [["api_key"], undefined, "is required"],
    [["api_key"], "", "must not be empty"],
    [["api_key"], "ser.secret", "must be the client-side key"],
    [["api_key"], "k".repeat(101), "must have at most 100 characters"],
    [["api_key"], "a\0b", "has characters that cannot be stored"],
    [["name"], 5, "must be a text"],
    [["project"], undefined, "is required"],
    [["project", "organisation"], null, "must be an object"],
    [["project", "segments"], {}, "must be a list"],
    [["project", "segments", 0, "name"], "\ud800", "has characters that cannot be stored"],
    [["project", "segments", 0, "rules", 0, "type"], "SOME", "must be one of ALL, ANY, NONE"],
    [[...condition0, "operator"], "LIKE", `must be one of ${conditionOperators.join(", ")}`],
    [[...condition0, "value"], ["a"], "must be a text, number, boolean or null"],
    [[...condition0, "property_"], 5, "must be a text"],
    [["feature_states", 0, "enabled"], 1, "must be true or false"],
    [["feature_states", 0, "featurestate_uuid"], "x", "must be a uuid"],
    [["feature_states", 0, "feature_state_value"], {}, "must be a text, number, boolean or null"],
    [["feature_states", 0, "feature_state_value"], "x".repeat(20_001), "must have at most 20000 characters"],
    [[...value0, "percentage_allocation"], 100.5, "must be at most 100"],
    [[...value0, "percentage_allocation"], -1, "must be at least 0"],
    [[...value0, "percentage_allocation"], "5", "must be a number"],
    [[...value0, "multivariate_feature_option"], undefined, "is required"],
    [["identity_overrides", 0, "identifier"], "x".repeat(2001), "must have at most 2000 characters"],
  ];
  const write = (path: Path): string =>
    path
      .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
      .join("")
      .slice(1);

  test.each(cases.map(([path, value, message]) => ({ place: write(path), path, value, message })))(
    "$place: $message",
    ({ place, path, value, message }) => {
      expect(problems(changed(path, value))).toEqual({ [place]: message });
    },
  );

  test("and all of them at once, up to a limit", () => {
    const document = { ...sample(), feature_states: Array.from({ length: 500 }, () => ({})) };
    const reading = readEnvironmentDocument(document, { problems: 7 });
    expect(reading.ok ? 0 : reading.problems.length).toBe(7);
  });

  test.each([null, 5, "x", [1]].map((value) => ({ value })))("$value is no document", ({ value }) => {
    expect(problems(value)).toEqual({ "": "must be an object" });
  });
});

describe("what is used twice", () => {
  const first = sample().feature_states[0];
  const segment = sample().project.segments[0];
  const override = sample().identity_overrides[0];
  test.each([
    [
      ["feature_states", 1],
      { ...state(9, 1) },
      "feature_states[1].feature.id",
      "1 is the feature of feature_states[0] too",
    ],
    [["feature_states", 1, "django_id"], 1, "feature_states[1].django_id", "1 is the id of feature_states[0] too"],
    [
      ["feature_states", 1, "featurestate_uuid"],
      uuid(1),
      "feature_states[1].featurestate_uuid",
      "is the uuid of feature_states[0] too",
    ],
    [
      ["project", "segments", 1],
      { ...segment, feature_states: [] },
      "project.segments[1].id",
      "1 is the id of project.segments[0] too",
    ],
    [
      ["identity_overrides", 1],
      { ...override, identity_features: [] },
      "identity_overrides[1].identifier",
      "is the identifier of identity_overrides[0] too",
    ],
    [
      ["identity_overrides", 0, "identity_features", 0, "feature", "name"],
      "other",
      "identity_overrides[0].identity_features[0].feature.name",
      'feature 2 is "feature_2" elsewhere',
    ],
    [
      ["feature_states", 0],
      { ...first, multivariate_feature_state_values: [variant(1, 10), { ...variant(2, 10), id: 1 }] },
      "feature_states[0].multivariate_feature_state_values[1].id",
      "1 is the id of feature_states[0].multivariate_feature_state_values[0] too",
    ],
    [
      ["feature_states", 1],
      { ...state(2, 9), multivariate_feature_state_values: [{ ...variant(3, 10), id: 1 }] },
      "feature_states[1].multivariate_feature_state_values[0].id",
      "1 is the id of feature_states[0].multivariate_feature_state_values[0] too",
    ],
    [
      ["feature_states", 1],
      { ...state(2, 9), multivariate_feature_state_values: [{ ...variant(1, 10), id: 7 }] },
      "feature_states[1].multivariate_feature_state_values[0].multivariate_feature_option",
      "1 has another feature, value or key in feature_states[0].multivariate_feature_state_values[0].multivariate_feature_option",
    ],
    [
      ["identity_overrides", 1],
      { ...override, identifier: "someone else", identity_features: [] },
      "identity_overrides[1].django_id",
      `${override?.django_id} is the id of identity_overrides[0] too`,
    ],
    [
      ["feature_states", 0],
      { ...first, multivariate_feature_state_values: [variant(1, 10), { ...variant(1, 10), id: 2 }] },
      "feature_states[0].multivariate_feature_state_values[1].multivariate_feature_option.id",
      "is used twice in this state",
    ],
  ] as [Path, unknown, string, string][])("case %#", (path, value, place, message) => {
    expect(problems(changed(path, value))).toMatchObject({ [place]: message });
  });

  test("two features of one name", () => {
    for (const name of ["feature_1", "Feature_1"]) {
      expect(problems(changed(["feature_states", 1, "feature"], { id: 2, name }))).toMatchObject({
        "feature_states[1].feature.name": `"${name}" is the name of feature_states[0] too`,
      });
    }
  });
});

describe("shares", () => {
  const shares = (...percentages: number[]): unknown =>
    changed(
      ["feature_states", 0, "multivariate_feature_state_values"],
      percentages.map((percentage, index) => variant(index + 1, percentage)),
    );
  test("may add up to all", () => {
    expect(problems(shares(33.3, 33.3, 33.4))).toEqual({});
    expect(problems(shares(...Array.from({ length: 10 }, () => 10)))).toEqual({});
    expect(problems(shares(...Array.from({ length: 30 }, () => 100 / 30)))).toEqual({});
  });
  test("must not add up to more", () => {
    expect(problems(shares(60, 41))).toEqual({
      "feature_states[0].multivariate_feature_state_values": "the shares add up to 101, more than 100",
    });
  });
});

describe("limits", () => {
  const nested = (depth: number): unknown => {
    let inner: unknown = { type: "ALL", rules: [], conditions: [] };
    for (let level = 1; level < depth; level += 1) inner = { type: "ALL", rules: [inner], conditions: [] };
    return inner;
  };
  test("rules nest only so deep", () => {
    expect(problems(changed(["project", "segments", 0, "rules"], [nested(32)]))).toEqual({});
    expect(Object.values(problems(changed(["project", "segments", 0, "rules"], [nested(33)])))).toEqual([
      "nests rules too deep",
    ]);
    expect(problems(changed(["project", "segments", 0, "rules"], [nested(50_000)]))).toEqual({
      "": "nests lists and objects too deep",
    });
  });
  test("counts and bytes can be set", () => {
    expect(readEnvironmentDocument(sample(), { features: 1 })).toEqual({
      ok: false,
      problems: [{ path: "feature_states", message: "must be at most 1 items" }],
    });
    expect(parseEnvironmentDocument(JSON.stringify(sample()), { bytes: 100 })).toEqual({
      ok: false,
      problems: [{ path: "", message: "is longer than 100 bytes" }],
    });
    expect(parseEnvironmentDocument("{")).toMatchObject({
      ok: false,
      problems: [{ path: "", message: expect.stringContaining("is no JSON: Expecting property name") }],
    });
  });
});

test("nothing anywhere in a document makes it throw, and refusals name at least one problem", () => {
  const places: Path[] = [];
  const collect = (value: unknown, path: Path): void => {
    if (path.length > 0) places.push(path);
    if (typeof value !== "object" || value === null) return;
    for (const [key, part] of Object.entries(value)) collect(part, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  collect(sample(), []);
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.constant(undefined),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...places), anything, (path, value) => {
      const reading = readEnvironmentDocument(changed(path, value));
      if (!reading.ok) expect(reading.problems.length).toBeWithin(1, 101);
    }),
    { numRuns: 500 },
  );
});

const conformance = `${import.meta.dir}/../../../../../shared/conformance/documents`;

test.skipIf(!existsSync(conformance))(
  "the conformance documents come back as they were (skipped where they are missing)",
  () => {
    for (const size of ["small", "medium", "large"]) {
      const text = readFileSync(`${conformance}/${size}.json`, "utf8");
      expect(parseEnvironmentDocument(text)).toEqual({ ok: true, document: JSON.parse(text) });
    }
  },
);
