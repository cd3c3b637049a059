/**
 * Hot writes: each is its own transaction, so one that fails or waits for a row takes nobody along and two nodes cannot wait
 * crosswise. They commit without waiting for the disk; then one flush, on a connection of its own, makes all that have
 * committed before it durable, and only then are they answered.
 */
import type { SqlValue } from "../database.ts";
import type { Pipeline, Statement } from "./pipeline.ts";
import { numberPlaceholders } from "./placeholders.ts";
import { toObject } from "./reads.ts";

/** A record in the log that belongs to no table: its commit waits until the log, up to it, is on disk. */
export const flushStatement: Statement = { text: "SELECT pg_logical_emit_message(true, 'burgee', '')" };
export const commitWithoutWaiting = "SET synchronous_commit = off";

export interface WritesOptions {
  readonly writer: Pipeline;
  readonly flusher: Pipeline;
  /** The connection commits without waiting; else every commit waits by itself. */
  readonly isFlushed: boolean;
  /** Settings do not stay on the connection: each transaction brings its own along. */
  readonly settingsAreLocal: boolean;
}

const begin: Statement = { text: "BEGIN" };
const local: Statement = { text: "SET LOCAL synchronous_commit = off" };
const commit: Statement = { text: "COMMIT" };

export function createWrites({ writer, flusher, isFlushed, settingsAreLocal }: WritesOptions) {
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<void> | undefined;

  /** A flush that has been sent may have missed our commit, so the next one is ours; all who wait share it. */
  function flush(): Promise<void> {
    waiting ??= running.then(async () => {
      waiting = undefined;
      const own = flusher.run(flushStatement);
      running = own.catch(() => {});
      await own;
    });
    return waiting;
  }

  async function commitOne(statement: Statement) {
    if (!isFlushed || !settingsAreLocal) return writer.run(statement);
    const [, , answer] = await writer.runTogether([begin, local, statement, commit]);
    return answer;
  }

  return async <Row>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]> => {
    const answer = await commitOne({ text: numberPlaceholders(sql), values: parameters });
    if (!answer) return [];
    if (isFlushed && answer.count > 0) await flush();
    return answer.rows.map((row) => toObject(answer.columns, row, 0) as Row);
  };
}
