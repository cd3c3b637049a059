import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../testing/index.ts";
import { createSearch, type Search } from "./search.ts";

let stage: Stage;
let search: Search;
let project: Body;
const many = 20_000;

beforeAll(async () => {
  stage = await createStage();
  search = createSearch({ db: stage.app.db, now: Date.now });
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
});
afterAll(async () => {
  await search.close();
  await stage.close();
});

const below = (environmentId: number, n: number) =>
  search.estimateMatching({
    environmentId,
    rules: {
      segmentId: 0,
      rules: [{ type: "ALL", rules: [], conditions: [{ operator: "LESS_THAN", property_: "n", value: String(n) }] }],
    },
  });

const makeEnvironment = async (name: string): Promise<number> =>
  (await stage.send(201, "POST", "/api/v1/environments/", { name, project: project.id })).id;

/** `step` > 1 leaves gaps between the ids. */
async function fill(environmentId: number, from: number, step: number, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => ({
    environment_id: environmentId,
    identifier: `u${from + i}`,
    id: from + i * step,
    traits: JSON.stringify({ n: i % 100 }),
    has_overrides: 0,
    created_at: 0,
    last_seen_day: 0,
  }));
  for (let i = 0; i < rows.length; i += 1000) {
    await stage.app.db.kysely
      .insertInto("identities")
      .values(rows.slice(i, i + 1000))
      .execute();
  }
}

test("a sample of many is within two percentage points, and says how far off it may be", async () => {
  const place = await makeEnvironment("dense");
  await fill(place, 1_000_000, 1, many);
  const tries = await Promise.all(Array.from({ length: 10 }, () => below(place, 30)));
  for (const { count, total, margin, sample } of tries) {
    expect(Math.abs(total - many)).toBeLessThan(many * 0.01);
    expect(Math.abs((count / total) * 100 - 30)).toBeLessThan(4);
    expect(margin).toBeGreaterThan(1);
    expect(margin).toBeLessThan(2);
    expect(sample.length).toBeGreaterThan(2);
  }
  const off = tries.map(({ count, total }) => Math.abs((count / total) * 100 - 30)).filter((points) => points > 2);
  expect(off.length).toBeLessThanOrEqual(2);
});

test("ids with wide gaps still give an estimate", async () => {
  const place = await makeEnvironment("sparse");
  await fill(place, 10_000_000, 50, 8000);
  const { count, total, margin } = await below(place, 50);
  expect(Math.abs((count / total) * 100 - 50)).toBeLessThan(6);
  expect(Math.abs(total - 8000)).toBeLessThan(1200);
  expect(margin).toBeLessThan(2.5);
});
