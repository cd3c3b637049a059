/** Features leave as a file and arrive as they were; a file that is wrong anywhere changes nothing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let skew = 0;
let named = 0;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
});
afterAll(() => stage.close());

type Environment = Body & { readonly api_key: string; readonly project: number };

async function place(): Promise<Environment> {
  const project = await stage.send(201, "POST", "/api/v1/projects/", {
    name: `p${++named}`,
    organisation: stage.organisationId,
  });
  return stage.send(201, "POST", "/api/v1/environments/", { name: `e${named}`, project: project.id });
}
const features = ({ project }: Environment) => `/api/v1/projects/${project}/features/`;
const create = (where: Environment, more: object = {}) =>
  stage.send<Body & { name: string }>(201, "POST", features(where), { name: `f${++named}`, ...more });
const exportOf = (where: Environment, tag_ids: number[] = []) =>
  stage.send(201, "POST", "/api/v1/features/create-feature-export/", { environment_id: where.id, tag_ids });
const download = (made: Body) =>
  stage.send<Record<string, unknown>[]>(200, "GET", `/api/v1/features/download-feature-export/${made.id}/`);
const take = (status: number, where: Environment, file: unknown, strategy = "SKIP") =>
  stage.send<Record<string, unknown>>(status, "POST", `/api/v1/features/feature-import/${where.id}`, {
    file: typeof file === "string" ? file : JSON.stringify(file),
    strategy,
  });

const option = (string_value: string, share: number) => ({
  type: "unicode",
  string_value,
  default_percentage_allocation: share,
});

test("what leaves one project arrives in another: values, switches, variants and shares", async () => {
  const [from, to] = [await place(), await place()];
  const varied = await create(from, {
    initial_value: "control",
    default_enabled: true,
    is_server_key_only: true,
    multivariate_options: [option("red", 20), option("blue", 30)],
  });
  const plain = await create(from, { initial_value: "12" });
  await create(from, { is_archived: true });
  const [red, blue] = varied["multivariate_options"] as Body[];
  await stage.send(200, "PATCH", `/api/__future__/environments/${from.api_key}/features/${varied.id}/`, {
    environment_default: {
      enabled: false,
      value: { type: "boolean", value: "true" },
      variants: [
        { id: red?.id, weight: 70 },
        { id: blue?.id, weight: 5 },
      ],
    },
  });
  const made = await exportOf(from);
  expect(made).toMatchObject({ environment_id: from.id, status: "SUCCESS", name: expect.stringContaining("e") });
  const file = await download(made);
  expect(file).toEqual([
    {
      name: varied.name,
      default_enabled: true,
      is_server_key_only: true,
      initial_value: "control",
      value: true,
      type: "bool",
      enabled: false,
      multivariate: [
        { percentage_allocation: 70, default_percentage_allocation: 20, value: "red", type: "unicode" },
        { percentage_allocation: 5, default_percentage_allocation: 30, value: "blue", type: "unicode" },
      ],
    },
    {
      name: plain.name,
      default_enabled: false,
      is_server_key_only: false,
      initial_value: "12",
      value: 12,
      type: "int",
      enabled: false,
      multivariate: [],
    },
  ]);
  const taken = await take(201, to, file);
  expect(taken).toMatchObject({ environment_id: to.id, strategy: "SKIP", status: "SUCCESS" });
  expect(await download(await exportOf(to))).toEqual(file);
  expect((await stage.flags(to.api_key))[plain.name]).toEqual({ enabled: false, feature_state_value: 12 });
  expect((await stage.audit(9)).map((row) => [row.object_type, row.environment_id])).toContainEqual([
    "feature_state",
    to.id,
  ]);
});

test("a form with a file in it does as well, as dashboards send it", async () => {
  const to = await place();
  const form = new FormData();
  form.set("file", new File([JSON.stringify([{ name: "sent", default_enabled: true, enabled: true }])], "f.json"));
  form.set("strategy", "SKIP");
  const headers = { Authorization: `Api-Key ${stage.admin.key}` };
  const path = `/api/v1/features/feature-import/${to.id}`;
  expect((await stage.app.request(path, { method: "POST", headers, body: form })).status).toBe(201);
  expect((await stage.flags(to.api_key))["sent"]).toEqual({ enabled: true, feature_state_value: null });
});

describe("a feature that is there already", () => {
  const wanted = (name: string) => [{ name, default_enabled: true, enabled: true, value: "new", initial_value: "new" }];

  test("stays as it is, or is deleted and made anew", async () => {
    const to = await place();
    const held = await create(to, { initial_value: "old" });
    const file = wanted(held.name.toUpperCase());
    await take(201, to, file);
    expect(await stage.send<Body>(200, "GET", `${features(to)}${held.id}/`)).toMatchObject({ initial_value: "old" });
    await take(201, to, file, "OVERWRITE_DESTRUCTIVE");
    await stage.send(404, "GET", `${features(to)}${held.id}/`);
    expect((await stage.flags(to.api_key))[held.name.toUpperCase()]).toEqual({
      enabled: true,
      feature_state_value: "new",
    });
  });
});

describe("a file", () => {
  const good = { name: "good", default_enabled: true, enabled: true };

  test.each([
    ["that is no JSON", "{", "SKIP"],
    ["that is no list", {}, "SKIP"],
    ["with a feature without a name", [{ ...good, name: "" }], "SKIP"],
    ["with a feature twice", [good, { ...good, name: "GOOD" }], "SKIP"],
    ["with a value that is none", [good, { ...good, name: "odd", value: { a: 1 } }], "SKIP"],
    [
      "with too large shares",
      [
        good,
        {
          ...good,
          name: "odd",
          multivariate: [1, 2].map(() => ({
            percentage_allocation: 60,
            default_percentage_allocation: 10,
            value: "v",
          })),
        },
      ],
      "SKIP",
    ],
    ["with another strategy", [good], "MERGE"],
  ])("%s is refused, and nothing of it is taken", async (_what, file, strategy) => {
    const to = await place();
    const revision = await stage.revision(to.id);
    await take(400, to, file, strategy);
    expect((await stage.send<PageBody>(200, "GET", features(to))).count).toBe(0);
    expect(await stage.revision(to.id)).toBe(revision);
  });

  test("of more than a megabyte is refused", async () => {
    const to = await place();
    const long = Array.from({ length: 60 }, (_, n) => ({ ...good, name: `long-${n}`, value: "x".repeat(17_000) }));
    await take(400, to, long);
  });

  test("whose names the project refuses is refused with the name", async () => {
    const to = await place();
    await stage.send(200, "PATCH", `/api/v1/projects/${to.project}/`, { feature_name_regex: "[a-z]+" });
    const refused = await take(400, to, [good, { ...good, name: "UPPER" }]);
    expect(refused["file"]).toEqual([expect.stringContaining("UPPER")]);
  });
});

test("exports hold the tags that were asked for, are listed for who administers, and go after two weeks", async () => {
  const from = await place();
  const tag = await stage.send(201, "POST", `/api/v1/projects/${from.project}/tags/`, { label: "kept" });
  const tagged = await create(from, { tags: [tag.id] });
  await create(from);
  const made = await exportOf(from, [tag.id]);
  expect((await download(made)).map(({ name }) => name)).toEqual([tagged.name]);
  const list = `/api/v1/projects/${from.project}/feature-exports/`;
  expect((await stage.send<PageBody>(200, "GET", list)).results.map(({ id }) => id)).toEqual([made.id]);
  const viewer = await stage.client([
    { scope: "project", id: from.project, permissions: ["VIEW_PROJECT"] },
    { scope: "environment", id: from.id, permissions: ["VIEW_ENVIRONMENT"] },
  ]);
  expect((await viewer.call("GET", list)).body).toMatchObject({ count: 0 });
  skew += 15 * 24 * 60 * 60 * 1000;
  await stage.send(404, "GET", `/api/v1/features/download-feature-export/${made.id}/`);
  expect((await stage.send<PageBody>(200, "GET", list)).count).toBe(0);
});

test("there are no versions, and whoever makes one is told how flags are changed", async () => {
  const where = await place();
  const feature = await create(where);
  const versions = `/api/v1/environments/${where.id}/features/${feature.id}/versions/`;
  expect(await stage.send<PageBody>(200, "GET", versions)).toMatchObject({ count: 0, results: [] });
  await stage.send(400, "POST", versions, { publish_immediately: true });
  await stage.send(404, "GET", `/api/v1/environments/${where.id}/features/999999/versions/`);
});
