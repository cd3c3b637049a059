import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let LIST: string;

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  LIST = `/api/v1/projects/${project.id}/tags/`;
});
afterAll(() => stage.close());

test("a tag is created, found, changed and deleted, and each change is told", async () => {
  const made = await stage.send(201, "POST", LIST, { label: "beta" });
  expect(made).toEqual({
    ...made,
    label: "beta",
    color: "#6837FC",
    description: null,
    project: project.id,
    is_permanent: false,
    is_system_tag: false,
    type: "NONE",
  });
  const one = `${LIST}${made.id}/`;
  expect(await stage.send(200, "GET", one)).toEqual(made);
  expect(await stage.send(200, "GET", `${LIST}get-by-uuid/${made.uuid}/`)).toEqual(made);
  expect(await stage.send<PageBody>(200, "GET", LIST)).toMatchObject({ count: 1, results: [made] });
  expect(await stage.send(200, "PATCH", one, { description: "d", is_permanent: true })).toMatchObject({
    label: "beta",
    description: "d",
    is_permanent: true,
  });
  expect((await stage.audit())[0]).toMatchObject({ action: "UPDATE", object_type: "tag", project_id: project.id });
  expect(await stage.send(200, "PUT", one, { label: "gamma", description: null })).toMatchObject({
    label: "gamma",
    description: null,
    is_permanent: true,
  });
  await stage.send(204, "DELETE", one);
  expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "tag", after: null });
  await stage.send(404, "GET", one);
});

test.each([
  [{}, { label: ["This field is required."] }],
  [{ label: "x".repeat(101) }, { label: ["Ensure this field has no more than 100 characters."] }],
  [{ label: "a", color: "x".repeat(11) }, { color: ["Ensure this field has no more than 10 characters."] }],
  [
    { label: "a", description: "x".repeat(513) },
    { description: ["Ensure this field has no more than 512 characters."] },
  ],
])("refuses what is no tag (%#)", async (body, errors) => {
  expect(await stage.send<unknown>(400, "POST", LIST, body)).toEqual(errors);
});

describe("rights", () => {
  test("seeing the project shows its tags, MANAGE_TAGS changes them", async () => {
    const made = await stage.send(201, "POST", LIST, { label: "rights" });
    const viewer = await stage.client([{ scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] }]);
    const keeper = await stage.client([{ scope: "project", id: project.id, permissions: ["MANAGE_TAGS"] }]);
    const one = `${LIST}${made.id}/`;
    await stage.refuses("POST", LIST, { label: "x" }, [viewer]);
    await stage.refuses("PUT", one, { label: "x" }, [viewer]);
    await stage.refuses("PATCH", one, { label: "x" }, [viewer]);
    await stage.refuses("DELETE", one, undefined, [viewer]);
    for (const path of [LIST, one, `${LIST}get-by-uuid/${made.uuid}/`]) {
      await stage.refuses("GET", path, undefined, []);
      expect((await viewer.call("GET", path)).status).toBe(200);
    }
    expect((await keeper.call("PATCH", one, { label: "kept" })).status).toBe(200);
    expect((await keeper.call("DELETE", one)).status).toBe(204);
  });

  test("another project's tag is not there", async () => {
    const other = await stage.send(201, "POST", "/api/v1/projects/", { name: "q", organisation: stage.organisationId });
    const foreign = await stage.send(201, "POST", `/api/v1/projects/${other.id}/tags/`, { label: "foreign" });
    for (const path of [`${LIST}${foreign.id}/`, `${LIST}get-by-uuid/${foreign.uuid}/`]) {
      await stage.send(404, "GET", path);
    }
    await stage.send(404, "PATCH", `${LIST}${foreign.id}/`, { label: "x" });
    await stage.send(404, "DELETE", `${LIST}${foreign.id}/`);
    await stage.send(200, "GET", `/api/v1/projects/${other.id}/tags/${foreign.id}/`);
  });

  test("a system tag stays as it is", async () => {
    const row = await stage.app.db.kysely
      .insertInto("tags")
      .values({
        uuid: crypto.randomUUID(),
        project_id: project.id,
        label: "stale",
        color: "#000",
        description: null,
        is_permanent: 0,
        is_system_tag: 1,
        type: "STALE",
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    expect(await stage.send<unknown>(400, "DELETE", `${LIST}${row.id}/`)).toEqual({
      message: "Cannot delete a system tag.",
    });
    await stage.send(400, "PATCH", `${LIST}${row.id}/`, { label: "x" });
  });
});
