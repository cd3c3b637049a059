import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { databaseName, openTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { createCheckpoints } from "./checkpoints.ts";
import { createFileSync } from "./file-sync.ts";

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

  test("sync a file until it is closed, and say where there is none", async () => {
    opened = await openTestDatabase();
    const file = createFileSync(opened.url.slice("sqlite:".length));
    await Promise.all([file.sync(), file.sync()]);
    await opened.close();
    opened = undefined;
    await Promise.all([file.sync(), file.close()]);
    await file.sync();
    const missing = createFileSync("/nowhere/at/all.db");
    for (let tries = 0; tries < 2; tries++) expect(await missing.sync().catch(({ code }) => code)).toBe("ENOENT");
    await missing.close();
  });
});

describe("a thread that copies the log", () => {
  /** What each copy finds: pages in the log, and how many of them are copied after it. */
  async function asked(found: readonly (readonly [log: number, checkpointed: number])[]): Promise<string[]> {
    const calls: string[] = [];
    let copies = 0;
    const { promise: isQuiet, resolve: quiet } = Promise.withResolvers<void>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const note = (call: string) => {
      calls.push(call);
      clearTimeout(timer);
      timer = setTimeout(quiet, 30);
    };
    const answer = (who: string) => async () => {
      note(who);
      const [log, checkpointed] = found[copies++] ?? [0, 0];
      return { rows: [{ busy: 0, log, checkpointed }] } as never;
    };
    let written = 0;
    const checkpoints = createCheckpoints({
      link: { request: answer("thread"), load: () => 0, close: async () => {} },
      writer: { request: answer("writer") },
      file: { sync: async () => note("sync") },
      writes: () => written,
      everyMs: 1,
    });
    written = 3_000;
    await isQuiet;
    await checkpoints.close();
    return calls;
  }

  test("copies until little is left, which is the writer's part", async () => {
    const found = [
      [3_000, 3_000],
      [3_700, 3_700],
      [3_850, 3_850],
      [3_870, 3_870],
    ] as const;
    expect(await asked(found)).toEqual(["thread", "sync", "thread", "sync", "thread", "writer"]);
  });

  test("leaves what somebody reads", async () => {
    expect(await asked([[3_000, 1_200]])).toEqual(["thread"]);
  });

  test("gives up for now where the writer is faster than the disk", async () => {
    const found = Array.from({ length: 20 }, (_, round) => [3_000 * (round + 1), 3_000 * (round + 1)] as const);
    const calls = await asked(found);
    expect(calls.filter((call) => call === "thread")).toHaveLength(6);
    expect(calls).not.toContain("writer");
  });
});
