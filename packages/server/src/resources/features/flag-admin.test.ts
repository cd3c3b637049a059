import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { keyOf } from "../../testing/feature-stage.ts";
import { createFlagStage, type Flag, type FlagStage, type OneFlag, text } from "../../testing/flag-stage.ts";
import type { Body, Stage } from "../../testing/index.ts";

let stage: Stage;
let environment: Body;
let at: FlagStage["at"];
let newFlag: FlagStage["newFlag"];
let feature: Body;
let ONE: string;
let write: OneFlag["write"];
let refused: OneFlag["refused"];
let servedTo: OneFlag["servedTo"];
let variants: OneFlag["variants"];

beforeAll(async () => {
  ({ stage, environment, at, newFlag } = await createFlagStage());
});
beforeEach(async () => {
  ({ feature, ONE, write, refused, servedTo, variants } = await newFlag());
});
afterAll(() => stage.close());

describe("reading", () => {
  test("shows the default and the overrides, the strongest first", async () => {
    expect(await stage.send<Flag>(200, "GET", ONE)).toEqual({
      environment_default: { enabled: true, value: text("start"), variants: [] },
      segment_overrides: [],
    });
    await write("PATCH", {
      segment_overrides: [
        { segment: at(0), priority: 1, value: { type: "integer", value: "3" } },
        { segment: at(1), priority: 0, enabled: true, value: { type: "boolean", value: "TRUE" } },
      ],
    });
    expect((await stage.send<Flag>(200, "GET", ONE)).segment_overrides).toEqual([
      { segment: at(1), priority: 0, enabled: true, value: { type: "boolean", value: "true" }, variants: [] },
      { segment: at(0), priority: 1, enabled: false, value: { type: "integer", value: "3" }, variants: [] },
    ]);
  });

  test("is for those who see the environment", async () => {
    await stage.refuses("GET", ONE, undefined, []);
    await stage.send(404, "GET", ONE.replace(String(feature.id), "999999"));
    const other = await stage.send(201, "POST", "/api/v1/projects/", {
      name: "q",
      organisation: stage.organisationId,
    });
    const foreign = await stage.send(201, "POST", `/api/v1/projects/${other.id}/features/`, { name: "f" });
    await stage.send(404, "GET", ONE.replace(`/${feature.id}/`, `/${foreign.id}/`));
    await stage.send(404, "PATCH", ONE.replace(`/${feature.id}/`, `/${foreign.id}/`), {});
  });
});

describe("patching", () => {
  test("changes what it names, leaves the rest, and reaches SDKs at once", async () => {
    await write("PATCH", { environment_default: { value: text("new") } });
    expect((await stage.flags(keyOf(environment)))[feature["name"] as string]).toEqual({
      enabled: true,
      feature_state_value: "new",
    });
    const flag = await write("PATCH", { environment_default: { enabled: false } });
    expect(flag.environment_default).toEqual({ enabled: false, value: text("new"), variants: [] });
    const [row] = await stage.audit();
    expect(row).toMatchObject({ action: "UPDATE", object_type: "feature_state", environment_id: environment.id });
    await write("PATCH", { environment_default: { enabled: false } });
    await write("PATCH", {});
    expect((await stage.audit())[0]?.id).toBe(row?.id as number);
  });

  test("a new override takes from the default what it does not say, and is last unless it says where", async () => {
    const ids = await variants(20, 30);
    await write("PATCH", { segment_overrides: [{ segment: at(0), enabled: true, value: text("a") }] });
    const flag = await write("PATCH", { segment_overrides: [{ segment: at(1), enabled: true }] });
    expect(flag.segment_overrides).toEqual([
      {
        segment: at(0),
        priority: 0,
        enabled: true,
        value: text("a"),
        variants: [
          { id: ids[0] as number, weight: 20 },
          { id: ids[1] as number, weight: 30 },
        ],
      },
      {
        segment: at(1),
        priority: 1,
        enabled: true,
        value: text("start"),
        variants: [
          { id: ids[0] as number, weight: 20 },
          { id: ids[1] as number, weight: 30 },
        ],
      },
    ]);
  });

  test("an override that is there keeps what is not named, seeds and value rows included", async () => {
    const ids = await variants(50, 50);
    await write("PATCH", { segment_overrides: [{ segment: at(0), enabled: true, value: text("a") }] });
    const { kysely } = stage.app.db;
    const rows = async () => ({
      states: await kysely
        .selectFrom("feature_states")
        .select(["id", "hash_seed"])
        .where("feature_id", "=", feature.id)
        .orderBy("id")
        .execute(),
      shares: await kysely
        .selectFrom("multivariate_state_values as v")
        .innerJoin("feature_states as s", "s.id", "v.feature_state_id")
        .select(["v.id", "v.uuid"])
        .where("s.feature_id", "=", feature.id)
        .orderBy("v.id")
        .execute(),
    });
    const before = await rows();
    const weights = [
      { id: ids[1] as number, weight: 100 },
      { id: ids[0] as number, weight: 0 },
    ];
    const flag = await write("PATCH", { segment_overrides: [{ segment: at(0), variants: weights }] });
    expect(flag.segment_overrides[0]).toMatchObject({ enabled: true, value: text("a") });
    expect(await servedTo("a")).toBe("v1");
    expect(await rows()).toEqual(before);
    for (const state of before.states) expect(state.hash_seed).toBe(String(state.id));
  });

  test("overrides change places together, and never share one", async () => {
    const all = [0, 1, 2] as const;
    await write("PATCH", {
      segment_overrides: all.map((i) => ({ segment: at(i), enabled: true, value: text(String(i)) })),
    });
    expect(await servedTo("a b c")).toBe("0");
    await write("PATCH", { segment_overrides: all.map((i) => ({ segment: at(i), priority: 2 - i })) });
    expect(await servedTo("a b c")).toBe("2");
    const shared = { detail: "Segment overrides must not share a priority." };
    expect(await refused("PATCH", { segment_overrides: [{ segment: at(0), priority: 0 }] })).toEqual(shared);
    expect(await servedTo("a b c")).toBe("2");
    expect(
      await refused("PATCH", {
        segment_overrides: [
          { segment: at(0), priority: 9 },
          { segment: at(1), priority: 9 },
        ],
      }),
    ).toEqual(shared);
  });

  test("a tie without a state gets one", async () => {
    const body = { feature: feature.id, segment: at(0).id, environment: environment.id };
    await stage.send(201, "POST", "/api/v1/features/feature-segments/", body);
    expect((await stage.send<Flag>(200, "GET", ONE)).segment_overrides).toEqual([]);
    await stage.send(404, "DELETE", `${ONE}segment-overrides/${at(0).id}/`);
    await write("PATCH", { segment_overrides: [{ segment: at(0), enabled: true, value: text("late") }] });
    expect(await servedTo("a")).toBe("late");
  });
});

describe("putting", () => {
  test("resets what the named parts leave out, and removes overrides that are not named", async () => {
    const all = [0, 1, 2] as const;
    await write("PATCH", {
      segment_overrides: all.map((i) => ({ segment: at(i), enabled: true, value: text(String(i)) })),
    });
    const kept = await write("PUT", { segment_overrides: [{ segment: at(2), enabled: true }] });
    expect(kept).toEqual({
      environment_default: { enabled: true, value: text("start"), variants: [] },
      segment_overrides: [{ segment: at(2), priority: 0, enabled: true, value: text("start"), variants: [] }],
    });
    const reset = await write("PUT", { environment_default: {} });
    expect(reset.environment_default).toEqual({ enabled: false, value: null, variants: [] });
    expect(reset.segment_overrides).toHaveLength(1);
    expect((await write("PUT", { segment_overrides: [] })).segment_overrides).toEqual([]);
    const rows = await stage.audit(1);
    expect(rows[0]).toMatchObject({ action: "DELETE", object_type: "feature_state" });
  });

  test("needs the variants of a multivariate default", async () => {
    const ids = await variants(10, 20);
    expect(await refused("PUT", { environment_default: { enabled: true } })).toEqual({
      environment_default: { variants: ["Must include all feature's variants."] },
    });
    const weights = ids.map((id) => ({ id, weight: 50 }));
    const flag = await write("PUT", { environment_default: { enabled: true, value: text("c"), variants: weights } });
    expect(flag.environment_default).toEqual({ enabled: true, value: text("c"), variants: weights });
  });
});

test("removing an override gives its segment the next one, and closes the gap", async () => {
  const all = [0, 1, 2] as const;
  await write("PATCH", {
    segment_overrides: all.map((i) => ({ segment: at(i), enabled: true, value: text(String(i)) })),
  });
  expect(await servedTo("a b c")).toBe("0");
  const flag = await stage.send<Flag>(200, "DELETE", `${ONE}segment-overrides/${at(0).id}/`);
  expect(flag.segment_overrides.map(({ segment, priority }) => [segment.id, priority])).toEqual([
    [at(1).id, 0],
    [at(2).id, 1],
  ]);
  expect(await servedTo("a b c")).toBe("1");
});
