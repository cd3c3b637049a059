import { expect, test } from "bun:test";
import type { PipelineRows, Statement } from "./pipeline.ts";
import { createReads } from "./reads.ts";

const sql = "SELECT id FROM identities WHERE environment_id = ? AND identifier = ?";

/** A database that answers when it is told to, with the number of each caller. */
function slowDatabase() {
  const sent: { callers: number; answer: () => void }[] = [];
  const run = (statement: Statement): Promise<PipelineRows> => {
    const callers = JSON.parse(String(statement.values?.[0]).replace("{", "[").replace("}", "]")).length as number;
    const { promise, resolve } = Promise.withResolvers<PipelineRows>();
    const rows = Array.from({ length: callers }, (_, index) => [index + 1, index]);
    sent.push({ callers, answer: () => resolve({ columns: ["n", "id"], rows, count: callers }) });
    return promise;
  };
  const sizes = () => sent.map(({ callers }) => callers);
  return { pipeline: { run, runTogether: async () => [], close: async () => {} }, sent, sizes };
}

const ask = (reads: ReturnType<typeof createReads>, count: number) =>
  Array.from({ length: count }, (_, index) => reads.get<{ id: number }>(sql, [1, `user-${index}`]));
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what one turn asks for is one statement", async () => {
  const { pipeline, sent, sizes } = slowDatabase();
  const asked = ask(createReads(pipeline), 40);
  expect(sizes()).toEqual([]);
  await turn();
  expect(sizes()).toEqual([40]);
  for (const { answer } of sent) answer();
  expect((await Promise.all(asked)).length).toBe(40);
});

test("where statements leave at once, sixteen do not wait for the end of the turn, and everyone is answered", async () => {
  const { pipeline, sent, sizes } = slowDatabase();
  const asked = ask(
    createReads(pipeline, () => true),
    40,
  );
  expect(sizes()).toEqual([16, 16]);
  await turn();
  expect(sizes()).toEqual([16, 16, 8]);
  for (const { answer } of sent) answer();
  const places = (await Promise.all(asked)).map((row) => row?.id);
  expect(places).toEqual(Array.from({ length: 40 }, (_, index) => index % 16));
});

test("with four under way the rest waits and becomes the next statement", async () => {
  const { pipeline, sent, sizes } = slowDatabase();
  const asked = ask(
    createReads(pipeline, () => true),
    100,
  );
  await turn();
  expect(sizes()).toEqual([16, 16, 16, 16]);
  sent[0]?.answer();
  await turn();
  expect(sizes()).toEqual([16, 16, 16, 16, 36]);
  for (const { answer } of sent) answer();
  expect((await Promise.all(asked)).length).toBe(100);
});
