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
    24,
  );
  expect(sizes()).toEqual([16]);
  await turn();
  expect(sizes()).toEqual([16, 8]);
  for (const { answer } of sent) answer();
  const places = (await Promise.all(asked)).map((row) => row?.id);
  expect(places).toEqual(Array.from({ length: 24 }, (_, index) => index % 16));
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

test("in a crowd a few wait for more, or until hardly anybody is under way", async () => {
  const { pipeline, sent, sizes } = slowDatabase();
  const reads = createReads(pipeline, () => true);
  const asked = ask(reads, 40);
  await turn();
  expect(sizes()).toEqual([16, 16]);
  asked.push(...ask(reads, 8));
  expect(sizes()).toEqual([16, 16, 16]);
  asked.push(...ask(reads, 3));
  sent[0]?.answer();
  sent[1]?.answer();
  await turn();
  expect(sizes()).toEqual([16, 16, 16]);
  sent[2]?.answer();
  await turn();
  expect(sizes()).toEqual([16, 16, 16, 3]);
  sent[3]?.answer();
  expect((await Promise.all(asked)).map((row) => row?.id).slice(-3)).toEqual([0, 1, 2]);
});

test("a crowd that has gone is forgotten", async () => {
  const { pipeline, sent, sizes } = slowDatabase();
  const reads = createReads(pipeline, () => true);
  const asked = ask(reads, 32);
  for (const { answer } of sent.splice(0)) answer();
  await Promise.all(asked);
  // A few at a time, until nobody remembers.
  for (let statement = 0; statement < 64; statement++) {
    const few = ask(reads, 2);
    await turn();
    expect(sizes()).toEqual([2]);
    sent.pop()?.answer();
    await Promise.all(few);
  }
  const later = ask(reads, 24);
  await turn();
  expect(sizes()).toEqual([16, 8]);
  for (const { answer } of sent) answer();
  expect((await Promise.all(later)).length).toBe(24);
});
