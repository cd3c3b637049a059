/**
 * Hot writes. Those of one text that arrive together, each about another row, are one statement about many rows, in the order of
 * their keys; whatever else is written is a transaction of its own. Where a shared one is refused, each is sent again by itself, so that one at fault takes nobody along.
 * They commit without waiting for the disk; then one flush, on a connection of its own, makes all that have committed before it
 * durable, and only then are they answered.
 */
import { isAppError } from "../../errors.ts";
import type { SqlValue } from "../database.ts";
import { hasTypes, typeOf } from "./parameter-types.ts";
import type { Pipeline, PipelineRows, Statement } from "./pipeline.ts";
import { numberPlaceholders } from "./placeholders.ts";
import { toObject } from "./reads.ts";
import { type ColumnTypes, type RowWrite, readRowWrite, rowKey } from "./row-writes.ts";

/** A record in the log that belongs to no table: its commit waits until the log, up to it, is on disk. */
export const flushStatement: Statement = { text: "SELECT pg_logical_emit_message(true, 'burgee', '')" };
export const commitWithoutWaiting = "synchronous_commit";
/** Each of many rows is to be looked up by its key, whatever a planner thinks of reading all of them instead. */
export const lookUpByKey: readonly string[] = ["enable_hashjoin", "enable_mergejoin", "enable_seqscan"];

export interface WritesOptions {
  readonly writer: Pipeline;
  readonly flusher: Pipeline;
  /** The connection commits without waiting; else every commit waits by itself. */
  readonly isFlushed: boolean;
  /** Settings do not stay on the connection: each transaction brings its own along. */
  readonly settingsAreLocal: boolean;
  readonly columnTypes: ColumnTypes;
}

interface Call {
  readonly parameters: readonly SqlValue[];
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  readonly sql: string;
  readonly rowWrite: RowWrite;
  readonly types: readonly string[];
  calls: Call[];
  running: number;
  isAwaited: boolean;
}

const begin: Statement = { text: "BEGIN" };
const turnOff = [commitWithoutWaiting, ...lookUpByKey].map((name) => `set_config('${name}', 'off', true)`);
const local: Statement = { text: `SELECT ${turnOff.join(", ")}` };
const commit: Statement = { text: "COMMIT" };
/** While so many are under way, what arrives waits and becomes the next one. */
const maxRunning = 3;
const maxTogether = 500;
const maxTexts = 500;

export function createWrites(options: WritesOptions) {
  const { writer, flusher, isFlushed, settingsAreLocal, columnTypes } = options;
  const rowWrites = new Map<string, RowWrite | undefined>();
  /** By text: one for each combination of types. */
  const queues = new Map<string, Queue[]>();
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

  async function commitOne(statement: Statement): Promise<PipelineRows | undefined> {
    if (!isFlushed || !settingsAreLocal) return writer.run(statement);
    const [, , answer] = await writer.runTogether([begin, local, statement, commit]);
    return answer;
  }

  async function writeAlone(sql: string, parameters: readonly SqlValue[]): Promise<unknown[]> {
    const answer = await commitOne({ text: numberPlaceholders(sql), values: parameters });
    if (!answer) return [];
    if (isFlushed && answer.count > 0) await flush();
    return answer.rows.map((row) => toObject(answer.columns, row, 0));
  }

  /** One for each row; those about a row that is taken already stay in the queue. */
  function take(queue: Queue): Map<string, Call> {
    const taken = new Map<string, Call>();
    const left: Call[] = [];
    for (const call of queue.calls) {
      const key = queue.rowWrite.keyOf(call.parameters);
      if (taken.size >= maxTogether || taken.has(key)) left.push(call);
      else taken.set(key, call);
    }
    queue.calls = left;
    // Nodes that write the same rows take them in the same order, so they do not wait for one another crosswise.
    return new Map([...taken].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async function writeTogether({ sql, rowWrite, types }: Queue, calls: Map<string, Call>): Promise<void> {
    let answer: PipelineRows | undefined;
    try {
      const all = [...calls.values()].map((call) => call.parameters);
      answer = all.length > 1 ? await commitOne(rowWrite.together(all, types)) : undefined;
    } catch (error) {
      // Whether it was committed nobody knows: sent again, an increment might count twice.
      if (isAppError(error, "database_unavailable")) {
        for (const call of calls.values()) call.reject(error);
        return;
      }
      // Perhaps only one of them is at fault, or a lock was held: each now hears of its own.
    }
    if (!answer) {
      const alone = [...calls.values()].map((call) => writeAlone(sql, call.parameters).then(call.resolve, call.reject));
      await Promise.all(alone);
      return;
    }
    void answerAll(rowWrite, calls, answer);
  }

  /** The next statement need not wait for this one's flush. */
  async function answerAll(rowWrite: RowWrite, calls: Map<string, Call>, answer: PipelineRows): Promise<void> {
    try {
      if (isFlushed && answer.count > 0) await flush();
      const rows = new Map<string, Record<string, unknown>>();
      for (const row of answer.rows)
        rows.set(rowKey(row.slice(0, rowWrite.keyColumns)), toObject(answer.columns, row, rowWrite.keyColumns));
      for (const [key, call] of calls) {
        const row = rows.get(key);
        call.resolve(row ? [row] : []);
      }
    } catch (error) {
      for (const call of calls.values()) call.reject(error);
    }
  }

  function advance(queue: Queue): void {
    while (queue.calls.length > 0 && queue.running < maxRunning) {
      queue.running += 1;
      void writeTogether(queue, take(queue)).finally(() => {
        queue.running -= 1;
        advance(queue);
      });
    }
  }

  function rowWriteOf(sql: string): RowWrite | undefined {
    if (rowWrites.has(sql)) return rowWrites.get(sql);
    const rowWrite = readRowWrite(sql, columnTypes);
    if (rowWrites.size < maxTexts) rowWrites.set(sql, rowWrite);
    return rowWrite;
  }

  function enqueue(sql: string, rowWrite: RowWrite, call: Call): void {
    const sameText = queues.get(sql) ?? [];
    let queue = sameText.find(({ types }) => hasTypes(types, call.parameters));
    if (!queue) {
      queue = { sql, rowWrite, types: call.parameters.map(typeOf), calls: [], running: 0, isAwaited: false };
      queues.set(sql, [...sameText, queue]);
    }
    queue.calls.push(call);
    if (queue.isAwaited) return;
    queue.isAwaited = true;
    const awaited = queue;
    setImmediate(() => {
      awaited.isAwaited = false;
      advance(awaited);
    });
  }

  return <Row>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]> => {
    const rowWrite = queues.size < maxTexts ? rowWriteOf(sql) : undefined;
    if (!rowWrite) return writeAlone(sql, parameters) as Promise<Row[]>;
    return new Promise((resolve, reject) => {
      enqueue(sql, rowWrite, { parameters, resolve: (rows) => resolve(rows as Row[]), reject });
    });
  };
}
