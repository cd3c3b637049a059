import { afterEach, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { openSqlite } from "../../runtime/sqlite.ts";
import { databaseName, openTestDatabase, type TestDatabase } from "../../testing/test-database.ts";

const INSERT =
  "INSERT INTO organisations (uuid, name, persist_trait_data, stop_serving_flags, feature_analytics, created_at) VALUES (?, ?, 1, 0, 0, 0)";
const COUNT = "SELECT count(*) AS count FROM organisations";

let test_: TestDatabase | undefined;
afterEach(async () => {
  await test_?.close();
  test_ = undefined;
});

async function open() {
  const opened = await openTestDatabase();
  test_ = opened;
  return { lane: opened.db.lane, db: opened.db, file: opened.url.slice("sqlite:".length) };
}

const count = async (lane: Awaited<ReturnType<typeof open>>["lane"]) =>
  (await lane.get<{ count: number }>(COUNT, []))?.count;

// PostgreSQL reads what is committed, each time.
const isSqlite = databaseName === "sqlite";
describe.skipIf(!isSqlite)(`reads that share a snapshot${isSqlite ? "" : " (PostgreSQL is not read that way)"}`, () => {
  test("see every write of this process once it is acknowledged, whoever made it", async () => {
    const { lane, db } = await open();
    for (let round = 1; round <= 200; round += 2) {
      await count(lane);
      await lane.write(INSERT, [`lane-${round}`, `lane ${round}`]);
      expect(await count(lane)).toBe(round);
      await db.kysely.transaction().execute(async (transaction) => {
        await count(lane);
        await transaction
          .insertInto("organisations")
          .values({
            uuid: `k-${round}`,
            name: `k ${round}`,
            persist_trait_data: 1,
            stop_serving_flags: 0,
            feature_analytics: 0,
            created_at: 0,
          })
          .execute();
        await count(lane);
      });
      expect(await count(lane)).toBe(round + 1);
    }
  });

  test("see another process's commit within moments", async () => {
    const { lane, file } = await open();
    expect(await count(lane)).toBe(0);
    const other = openSqlite(file, { readonly: false });
    other.run(INSERT, ["other", "other"]);
    other.close();
    await Bun.sleep(30);
    expect(await count(lane)).toBe(1);
  });

  test("do not keep the write-ahead log from being used again", async () => {
    const { lane, file } = await open();
    let isReading = true;
    const readOn = async () => {
      while (isReading) {
        await lane.get("SELECT id FROM organisations WHERE id = ?", [1]);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const reading = readOn();
    const text = "x".repeat(20_000);
    for (let round = 0; round < 60; round += 1) {
      await Promise.all(Array.from({ length: 64 }, (_, call) => lane.write(INSERT, [`${round}-${call}`, text])));
    }
    isReading = false;
    await reading;
    // 75 MB were written, 20 MB fit between two checkpoints of the writer.
    expect(statSync(`${file}-wal`).size).toBeLessThan(40_000_000);
  });
});
