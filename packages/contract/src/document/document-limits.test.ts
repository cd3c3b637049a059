import { describe, expect, test } from "bun:test";
import { changed, type Path, problems, sample, state, uuid, variant } from "../testing/sample-document.ts";
import { parseEnvironmentDocument, readEnvironmentDocument } from "./index.ts";

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

  test("one key for two variants of a feature", () => {
    const path = ["feature_states", 0, "multivariate_feature_state_values"];
    const named = (id: number, key: string | null) => ({
      ...variant(id, 10),
      multivariate_feature_option: { id, value: id, key },
    });
    expect(problems(changed(path, [named(801, null), named(802, null), named(803, "a"), named(804, "b")]))).toEqual({});
    const place = "feature_states[0].multivariate_feature_state_values";
    expect(problems(changed(path, [named(801, "a"), named(802, "a")]))).toEqual({
      [`${place}[1].multivariate_feature_option.key`]: `"a" is the key of ${place}[0].multivariate_feature_option too`,
    });
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
