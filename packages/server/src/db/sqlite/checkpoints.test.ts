import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { databaseName, openTestDatabase, type TestDatabase } from "../../testing/test-database.ts";

const INSERT =
  "INSERT INTO organisations (uuid, name, persist_trait_data, stop_serving_flags, feature_analytics, created_at) VALUES (?, ?, 1, 0, 0, 0)";
const TEXT = "x".repeat(1_000);
const ROWS = 3_000;

let opened: TestDatabase | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

const isSqlite = databaseName === "sqlite";
describe.skipIf(!isSqlite)(`checkpoints${isSqlite ? "" : " (PostgreSQL makes its own)"}`, () => {
  test("bring what was written into the file long before the writer has to, and leave one file behind", async () => {
    opened = await openTestDatabase();
    const { db, url } = opened;
    const file = url.slice("sqlite:".length);
    // Far less than what makes the writer copy it back by itself.
    await Promise.all(Array.from({ length: ROWS }, (_, row) => db.lane.write(INSERT, [`${row}`, TEXT])));
    for (let tries = 0; tries < 200 && statSync(file).size < ROWS * TEXT.length; tries += 1) await Bun.sleep(25);
    expect(statSync(file).size).toBeGreaterThan(ROWS * TEXT.length);
    expect(await db.lane.get("SELECT count(*) AS count FROM organisations", [])).toEqual({ count: ROWS });
    await db.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });
});
