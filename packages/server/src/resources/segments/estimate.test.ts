import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";
import { estimateMembers } from "./estimate.ts";
import { readTraits } from "./read-traits.ts";

let stage: Stage;
let project: Body;
const many = 20_000;

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
});
afterAll(() => stage.close());

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
const isBelow = (n: number) => (row: { traits: unknown }) => Number(readTraits(row.traits)["n"]) < n;

test("a sample of many is within two percentage points, and says how far off it may be", async () => {
  const place = await makeEnvironment("dense");
  await fill(place, 1_000_000, 1, many);
  const tries = await Promise.all(
    Array.from({ length: 10 }, () => estimateMembers(stage.app.db.kysely, place, isBelow(30), { shown: 3 })),
  );
  for (const { count, total, margin, sample } of tries) {
    expect(Math.abs(total - many)).toBeLessThan(many * 0.01);
    expect(Math.abs((count / total) * 100 - 30)).toBeLessThan(4);
    expect(margin).toBeGreaterThan(1);
    expect(margin).toBeLessThan(2);
    expect(sample).toHaveLength(3);
  }
  const off = tries.map(({ count, total }) => Math.abs((count / total) * 100 - 30)).filter((points) => points > 2);
  expect(off.length).toBeLessThanOrEqual(2);
});

test("ids with wide gaps still give an estimate", async () => {
  const place = await makeEnvironment("sparse");
  await fill(place, 10_000_000, 50, 8000);
  const { count, total, margin } = await estimateMembers(stage.app.db.kysely, place, isBelow(50), { shown: 1 });
  expect(Math.abs((count / total) * 100 - 50)).toBeLessThan(10);
  expect(Math.abs(total - 8000)).toBeLessThan(1200);
  expect(margin).toBeGreaterThan(3);
  expect(margin).toBeLessThan(5);
});
