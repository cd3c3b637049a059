import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { keyOf } from "../../testing/feature-stage.ts";
import { createFlagStage, type Flag, type FlagStage, type OneFlag } from "../../testing/flag-stage.ts";
import type { Body, Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let at: FlagStage["at"];
let newFlag: FlagStage["newFlag"];
let ONE: string;
let write: OneFlag["write"];
let refused: OneFlag["refused"];
let variants: OneFlag["variants"];

beforeAll(async () => {
  ({ stage, project, environment, at, newFlag } = await createFlagStage());
});
beforeEach(async () => {
  ({ ONE, write, refused, variants } = await newFlag());
});
afterAll(() => stage.close());

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
    const other = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name: "other" });
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
