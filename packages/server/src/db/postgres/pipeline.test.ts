import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { databaseName, openTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import { createPipeline, FORGOTTEN, type Pipeline, type Statement } from "./pipeline.ts";
import { connectionConfig } from "./settings.ts";

const suite = databaseName === "postgres" ? describe : describe.skip;
const limits = { statementMs: 10_000, lockMs: 0, idleMs: 0 };

let store: TestDatabase;
const pipelines: Pipeline[] = [];

function open(prepare: boolean): Pipeline {
  const config = connectionConfig(store.url, true, limits);
  const pipeline = createPipeline({ name: "test", config, setup: [], prepare, answerLimitMs: 10_000, log: () => {} });
  pipelines.push(pipeline);
  return pipeline;
}

suite("a pipeline (PostgreSQL only)", () => {
  beforeAll(async () => {
    store = await openTestDatabase();
  });
  afterAll(async () => {
    await Promise.all(pipelines.map((pipeline) => pipeline.close()));
    await store.close();
  });

  describe.each([true, false])("that keeps statements: %p", (prepare) => {
    test("answers each time what was asked, in types and columns", async () => {
      const pipeline = open(prepare);
      const text =
        "SELECT $1::text AS text, $2::bigint AS number, $3::float8 AS float, $4::jsonb AS json, $2::int > 2 AS yes";
      const ask = (...values: NonNullable<Statement["values"]>) => pipeline.run({ text, values });
      const columns = ["text", "number", "float", "json", "yes"];
      expect(await ask('a "b" \\ 🏁', 3, 0.1, '{"a":2.0}')).toEqual({
        columns,
        rows: [['a "b" \\ 🏁', 3, 0.1, '{"a": 2.0}', true]],
        count: 1,
      });
      expect(await ask(null, 1n, null, null)).toEqual({ columns, rows: [[null, 1, null, null, false]], count: 1 });
      expect(await ask("", -5, 1e300, "[]")).toEqual({ columns, rows: [["", -5, 1e300, "[]", false]], count: 1 });
    });

    test("takes lists, as PostgreSQL's text or as they are", async () => {
      const pipeline = open(prepare);
      const text = "SELECT n, word FROM unnest($1::text[]) WITH ORDINALITY AS words(word, n) ORDER BY n";
      const rows = [
        [1, "a"],
        [2, 'b"\\'],
        [3, null],
      ];
      for (const list of ['{a,"b\\"\\\\",NULL}', ["a", 'b"\\', null], '{a,"b\\"\\\\",NULL}'])
        expect(await pipeline.run({ text, values: [list] })).toMatchObject({ rows, count: 3 });
      expect(await pipeline.run({ text, values: ["{}"] })).toEqual({ columns: ["n", "word"], rows: [], count: 0 });
    });

    test("says how many rows were changed where none are answered", async () => {
      const pipeline = open(prepare);
      await pipeline.run({ text: `CREATE TABLE counted_${prepare} (n int PRIMARY KEY)` });
      const insert = { text: `INSERT INTO counted_${prepare} SELECT generate_series(1, $1::int)`, values: [7] };
      expect(await pipeline.run(insert)).toEqual({ columns: [], rows: [], count: 7 });
      const update = { text: `UPDATE counted_${prepare} SET n = n + 100 WHERE n <= $1`, values: [3] };
      expect(await pipeline.run(update)).toMatchObject({ rows: [], count: 3 });
      expect(await pipeline.run(update)).toMatchObject({ rows: [], count: 0 });
    });

    test("tells each statement's failure to who asked, and no one else", async () => {
      const pipeline = open(prepare);
      const text = "SELECT 10 / $1::int AS quotient";
      const ask = (by: number) => pipeline.run({ text, values: [by] }).then(({ rows }) => rows[0]?.[0]);
      const first = await Promise.allSettled([ask(2), ask(0), ask(5)]);
      expect(first.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      // Now it is known what is answered.
      const again = await Promise.allSettled([ask(2), ask(0), ask(5)]);
      expect(again.map((one) => (one.status === "fulfilled" ? one.value : "failed"))).toEqual([5, "failed", 2]);
    });
  });

  test("asks a new connection for what another node has made different", async () => {
    const pipeline = open(true);
    const other = open(true);
    await other.run({ text: "CREATE TABLE changing (a int)" });
    await other.run({ text: "INSERT INTO changing VALUES (1)" });
    const all = { text: "SELECT * FROM changing" };
    for (let time = 0; time < 2; time++)
      expect(await pipeline.run(all)).toEqual({ columns: ["a"], rows: [[1]], count: 1 });
    await other.run({ text: "ALTER TABLE changing ALTER a TYPE text, ADD b boolean DEFAULT true" });
    await expect(pipeline.run(all)).rejects.toMatchObject({ details: { reason: FORGOTTEN } });
    for (let time = 0; time < 2; time++)
      expect(await pipeline.run(all)).toEqual({ columns: ["a", "b"], rows: [["1", true]], count: 1 });
  });
});
