import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Body, PageBody, Stage } from "../../testing/index.ts";
import { createSegmentStage, nested, rules, type SegmentStage } from "../../testing/segment-stage.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let feature: Body;
let LIST: string;
let segment: SegmentStage["segment"];
let override: SegmentStage["override"];
let servedTo: SegmentStage["servedTo"];

beforeAll(async () => {
  ({ stage, project, environment, feature, LIST, segment, override, servedTo } = await createSegmentStage());
});
afterAll(() => stage.close());

describe("changing", () => {
  test("a patch leaves what it does not name, a put needs name and rules, a change of nothing leaves no trace", async () => {
    const made = await segment({ description: "d" });
    const one = `${LIST}${made.id}/`;
    const renamed = await stage.send(200, "PATCH", one, { name: "renamed" });
    expect(renamed).toEqual({ ...made, name: "renamed", updated_at: renamed["updated_at"] });
    const [row] = await stage.audit();
    expect(row).toMatchObject({ action: "UPDATE", object_type: "segment" });
    expect(JSON.parse(row?.before ?? "{}")).toMatchObject({
      name: made["name"] as string,
      rules: made["rules"] as unknown[],
    });
    const revision = await stage.revision(environment.id);
    await stage.send(200, "PUT", one, { name: "renamed", rules: rules("pro"), project: project.id });
    expect((await stage.audit())[0]?.id).toBe(row?.id as number);
    expect(await stage.revision(environment.id)).toBe(revision);
    expect(await stage.send(200, "PUT", one, { name: "renamed", rules: rules("free") })).toMatchObject({
      description: "d",
      rules: [{ conditions: [{ value: "free" }] }],
    });
    expect(await stage.revision(environment.id)).toBe(revision + 1);
    await stage.send(400, "PUT", one, { name: "renamed" });
    await stage.send(400, "PATCH", one, { rules: [] });
    await stage.send(400, "PATCH", one, { rules: [nested(6)] });
    const version = stage.app.db.kysely.selectFrom("segments").select("version").where("id", "=", made.id);
    expect(await version.executeTakeFirst()).toEqual({ version: 3 });
  });

  test("a segment may be made a feature's own unless it overrides others", async () => {
    const made = await segment();
    const one = `${LIST}${made.id}/`;
    expect(await stage.send(200, "PATCH", one, { feature: feature.id })).toMatchObject({ feature: feature.id });
    expect(await stage.send(200, "PATCH", one, { feature: 0 })).toMatchObject({ feature: null });
    await override(made.id, "v");
    const other = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name: "other" });
    expect(await stage.send<unknown>(400, "PATCH", one, { feature: other.id })).toEqual({
      feature: ["The segment overrides other features."],
    });
    await stage.send(200, "PATCH", one, { feature: feature.id });
    await stage.send(204, "DELETE", one);
  });

  test("a clone has the rules, not the overrides", async () => {
    const made = await segment({ rules: rules("cloned"), description: "d" });
    await override(made.id, "v");
    const clone = await stage.send(201, "POST", `${LIST}${made.id}/clone/`, { name: "clone" });
    expect(clone).toMatchObject({ name: "clone", description: "d", rules: made["rules"] as unknown[] });
    expect(clone.id).not.toBe(made.id);
    const states = async (id: number) =>
      (await stage.send<PageBody>(200, "GET", `${LIST}${id}/associated-features/`)).results;
    expect(await states(made.id)).toMatchObject([{ feature: feature.id, environment: environment.id }]);
    expect(await states(clone.id)).toEqual([]);
    const query = `?environment=${environment.id}`;
    expect((await stage.send<PageBody>(200, "GET", `${LIST}${made.id}/associated-features/${query}`)).count).toBe(1);
    await stage.send(400, "POST", `${LIST}${made.id}/clone/`, {});
  });

  test("deleting takes the overrides along and closes the gaps they leave", async () => {
    const [first, second] = [await segment({ rules: rules("gap") }), await segment({ rules: rules("gap") })];
    await override(first.id, "first");
    await override(second.id, "second");
    expect(await servedTo({ plan: "gap" })).toBe("first");
    const ties = `/api/v1/features/feature-segments/?environment=${environment.id}&feature=${feature.id}`;
    const before = (await stage.send<PageBody>(200, "GET", ties)).results;
    await stage.send(204, "DELETE", `${LIST}${first.id}/`);
    const after = (await stage.send<PageBody>(200, "GET", ties)).results;
    expect(after.map((row) => row["priority"])).toEqual(before.slice(1).map((_, i) => i));
    expect(await servedTo({ plan: "gap" })).toBe("second");
    expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "segment", after: null });
    await stage.send(404, "GET", `${LIST}${first.id}/`);
  });
});
