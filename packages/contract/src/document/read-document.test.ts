import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { changed, condition, type Path, problems, sample, uuid } from "../testing/sample-document.ts";
import { conditionOperators, parseEnvironmentDocument, readEnvironmentDocument } from "./index.ts";

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

  test("may hold a list for IN, which becomes its JSON", () => {
    const values = [{ ...condition, operator: "IN", value: ["a,b", 1, 1.5, null] }];
    const reading = readEnvironmentDocument(changed(["project", "segments", 0, "rules", 0, "conditions"], values));
    if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
    expect(reading.document.project.segments[0]?.rules[0]?.conditions[0]?.value).toBe('["a,b",1,1.5,null]');
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
