import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let feature: Body;
let segments: [Body, Body, Body];
let ONE: string;
let count = 0;

interface Served {
  readonly enabled: boolean;
  readonly value: { readonly type: string; readonly value: string } | null;
  readonly variants: readonly { readonly id: number; readonly weight: number }[];
}
interface Flag {
  readonly environment_default: Served;
  readonly segment_overrides: readonly (Served & {
    readonly segment: { readonly id: number };
    readonly priority: number;
  })[];
}

const keyOf = (body: Body): string => body["api_key"] as string;

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: project.id });
  const made = [];
  for (const plan of ["a", "b", "c"]) {
    const rules = [{ type: "ALL", conditions: [{ operator: "CONTAINS", property: "plans", value: plan }] }];
    made.push(await stage.send(201, "POST", `/api/v1/projects/${project.id}/segments/`, { name: plan, rules }));
  }
  segments = made as [Body, Body, Body];
});
beforeEach(async () => {
  feature = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, {
    name: `f${++count}`,
    initial_value: "start",
    default_enabled: true,
  });
  ONE = `/api/__future__/environments/${keyOf(environment)}/features/${feature.id}/`;
});
afterAll(() => stage.close());

const write = (method: "PUT" | "PATCH", body: object): Promise<Flag> => stage.send<Flag>(200, method, ONE, body);
const refused = (method: "PUT" | "PATCH", body: unknown): Promise<unknown> =>
  stage.send<unknown>(400, method, ONE, body);
const text = (value: string) => ({ type: "string", value });
const servedTo = async (plans: string): Promise<unknown> =>
  (await stage.identify(keyOf(environment), `user ${plans}`, { plans }))[feature["name"] as string]
    ?.feature_state_value;
const at = (i: 0 | 1 | 2): { id: number } => ({ id: segments[i].id });

async function variants(...weights: number[]): Promise<number[]> {
  const ids: number[] = [];
  for (const weight of weights) {
    const path = `/api/v1/projects/${project.id}/features/${feature.id}/mv-options/`;
    const body = { string_value: `v${ids.length}`, default_percentage_allocation: weight };
    ids.push((await stage.send(201, "POST", path, body)).id);
  }
  return ids;
}

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
      name: `q${count}`,
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

describe("refusals", () => {
  test.each([
    [{ environment_default: { enabled: "maybe" } }, { environment_default: { enabled: ["Must be a valid boolean."] } }],
    [
      { environment_default: { value: { type: "integer", value: "x" } } },
      { environment_default: { value: ["'x' is not a valid integer"] } },
    ],
    [
      { environment_default: { value: { type: "integer", value: "2147483648" } } },
      { environment_default: { value: ["Integer values must be between -2147483648 and 2147483647."] } },
    ],
    [
      { environment_default: { value: { type: "boolean", value: "yes" } } },
      { environment_default: { value: ["'yes' is not a valid boolean (use 'true' or 'false')"] } },
    ],
    [
      { environment_default: { value: { type: "text", value: "x" } } },
      { environment_default: { value: { type: ['"text" is not a valid choice.'] } } },
    ],
    [
      { environment_default: { value: { type: "string", value: "x".repeat(20_001) } } },
      { environment_default: { value: { value: ["Ensure this field has no more than 20000 characters."] } } },
    ],
    [
      { environment_default: { variants: [] } },
      { environment_default: { variants: ["Feature is not multivariate."] } },
    ],
    [{ segment_overrides: [{ enabled: true }] }, { segment_overrides: [{ segment: ["This field is required."] }] }],
    [
      { segment_overrides: [{ segment: { id: 999_999 } }] },
      { segment_overrides: [{ segment: { id: ["Segment not found."] } }] },
    ],
    [
      { segment_overrides: [{ segment: { id: 1 }, priority: -1 }] },
      { segment_overrides: [{ priority: ["Ensure this value is greater than or equal to 0."] }] },
    ],
    [[], { non_field_errors: ["Invalid data. Expected a dictionary, but got list."] }],
  ])("of what is no flag (%#)", async (body, errors) => {
    const before = await stage.send<Flag>(200, "GET", ONE);
    expect(await refused("PATCH", body)).toEqual(errors);
    expect(await stage.send<Flag>(200, "GET", ONE)).toEqual(before);
  });

  test("of one segment twice, and of segments that belong to another feature", async () => {
    expect(await refused("PATCH", { segment_overrides: [{ segment: at(0) }, { segment: at(0) }] })).toEqual({
      segment_overrides: [`Duplicate segment: ${at(0).id}.`],
    });
    const other = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name: `other${count}` });
    const rules = [{ type: "ALL", conditions: [{ operator: "IS_SET", property: "x" }] }];
    const body = { name: "own", rules, feature: other.id };
    const own = await stage.send(201, "POST", `/api/v1/projects/${project.id}/segments/`, body);
    expect(await refused("PATCH", { segment_overrides: [{ segment: { id: own.id } }] })).toEqual({
      segment_overrides: [{ segment: { id: ["Segment not found."] } }],
    });
  });

  test("of variants that are not all, not the feature's, or too much", async () => {
    const [first = 0, second = 0] = await variants(10, 20);
    const fault = async (...weights: [number, number][]) => {
      const list = weights.map(([id, weight]) => ({ id, weight }));
      return (await refused("PATCH", { environment_default: { variants: list } })) as unknown;
    };
    const of = (message: string) => ({ environment_default: { variants: [message] } });
    expect(await fault([first, 10])).toEqual(of("Must include all feature's variants."));
    expect(await fault([first, 10], [999_999, 10])).toEqual(of("Variant not found."));
    expect(await fault([first, 60], [second, 41])).toEqual(of("Total weight must not exceed 100."));
    await write("PATCH", {
      environment_default: {
        variants: [
          { id: first, weight: 33.3 },
          { id: second, weight: 66.7 },
        ],
      },
    });
  });

  test("each part needs its own right", async () => {
    const grant = (permissions: string[]) => stage.client([{ scope: "environment", id: environment.id, permissions }]);
    const viewer = await grant(["VIEW_ENVIRONMENT"]);
    const updater = await grant(["UPDATE_FEATURE_STATE"]);
    const overrider = await grant(["MANAGE_SEGMENT_OVERRIDES"]);
    const standard = { environment_default: { enabled: true } };
    const overrides = { segment_overrides: [{ segment: at(0) }] };
    for (const method of ["PUT", "PATCH"]) {
      await stage.refuses(method, ONE, {}, [viewer]);
      await stage.refuses(method, ONE, standard, [viewer, overrider]);
      await stage.refuses(method, ONE, overrides, [viewer, updater]);
    }
    expect((await updater.call("PATCH", ONE, standard)).status).toBe(200);
    expect((await overrider.call("PATCH", ONE, overrides)).status).toBe(200);
    const removal = `${ONE}segment-overrides/${at(0).id}/`;
    await stage.refuses("DELETE", removal, undefined, [viewer, updater]);
    const removed = await overrider.call("DELETE", removal);
    expect(removed).toMatchObject({ status: 200, body: { segment_overrides: [] } });
    expect((await overrider.call("DELETE", removal)).body).toEqual({ detail: "Segment override not found." });
  });

  test("where changes have to be approved, nothing is written here", async () => {
    const path = `/api/v1/environments/${keyOf(environment)}/`;
    await stage.send(200, "PATCH", path, { minimum_change_request_approvals: 0 });
    const body = {
      detail: "Cannot update flags in an environment with change requests enabled.",
      code: "change_requests_enabled",
    };
    expect(await stage.send<unknown>(409, "PATCH", ONE, { environment_default: { enabled: false } })).toEqual(body);
    expect(await stage.send<unknown>(409, "DELETE", `${ONE}segment-overrides/1/`)).toEqual(body);
    await stage.send(200, "PATCH", path, { minimum_change_request_approvals: null });
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
