/** The hot lane on SQLite: reads on this thread's own connection, writes gathered per turn of the event loop for the writer. */
import { AppError } from "../../errors.ts";
import type { SqliteConnection } from "../../runtime/sqlite.ts";
import type { HotLane, SqlValue } from "../database.ts";
import { toAppError, toFailure } from "./failures.ts";
import type { HeldReads } from "./held-reads.ts";
import type { WritesAnswer, WritesRequest, WriteText } from "./protocol.ts";
import type { WorkerLink } from "./worker-link.ts";

interface Caller {
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: AppError) => void;
}

export interface LaneOptions {
  readonly reader: SqliteConnection;
  readonly held: HeldReads;
  readonly writer: WorkerLink;
  readonly waitLimitMs: number;
}

/** More than a server can have asked for and still be healthy: from here on, refuse instead of remembering. */
const maxUnanswered = 20_000;

/**
 * So many of one turn are sent before the turn is over: the writer commits them while this thread reads the next requests. With
 * 64 callers who all wait, one of both threads would else stand still at any time (1.2 times the writes on a disk without syncs).
 */
const sentTogether = 32;

export interface SqliteLane extends HotLane {
  /** Sends what this turn has gathered, before the writer is closed. */
  flush(): Promise<void>;
}

export function createSqliteLane({ reader, held, writer, waitLimitMs }: LaneOptions): SqliteLane {
  const say = createAnswering();
  let turn = createTurn();
  let unanswered = 0;

  async function flush(): Promise<void> {
    const sent = turn;
    if (sent.callers.length === 0) return;
    turn = createTurn();
    try {
      settle(sent, await writer.request<WritesAnswer>(sent.request(), waitLimitMs), say);
    } catch (error) {
      const failure = error instanceof AppError ? error : toAppError(toFailure(error));
      for (const caller of sent.callers) caller.reject(failure);
    } finally {
      unanswered -= sent.callers.length;
    }
  }

  function write<Row>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]> {
    if (unanswered >= maxUnanswered) {
      return Promise.reject(new AppError("database_busy", { reason: "too many writes wait" }));
    }
    unanswered++;
    return new Promise((resolve, reject) => {
      turn.add(sql, parameters, { resolve: (rows) => resolve(rows as Row[]), reject });
      if (turn.callers.length === 1) setImmediate(flush);
      else if (turn.callers.length === sentTogether) void flush();
    });
  }

  return {
    get: <Row>(sql: string, parameters: readonly SqlValue[]) => read(held, () => reader.get<Row>(sql, parameters)),
    all: <Row>(sql: string, parameters: readonly SqlValue[]) => read(held, () => reader.all<Row>(sql, parameters)),
    write,
    flush,
  };
}

/** The calls of one turn of the event loop. */
function createTurn() {
  const callers: Caller[] = [];
  const numbers = new Map<string, number>();
  const texts: WriteText[] = [];
  const calls: number[] = [];
  const values: SqlValue[] = [];
  return {
    callers,
    add: (sql: string, parameters: readonly SqlValue[], caller: Caller): void => {
      let number = numbers.get(sql);
      if (number === undefined || texts[number]?.parameterCount !== parameters.length) {
        number = texts.length;
        numbers.set(sql, number);
        texts.push({ sql, parameterCount: parameters.length });
      }
      calls.push(number);
      for (const value of parameters) values.push(value);
      callers.push(caller);
    },
    request: (): WritesRequest => ({ kind: "writes", texts, calls, values }),
  };
}
type Turn = ReturnType<typeof createTurn>;

/** Callers that are answered in one turn of the event loop; after a slow commit hundreds may wait, and others want to be served too. */
const answersPerTurn = 16;

function createAnswering(): (answer: () => void) => void {
  const waiting: (() => void)[] = [];
  let given = 0;
  const nextTurn = (): void => {
    const now = waiting.splice(0, answersPerTurn);
    given = now.length;
    if (given > 0) setImmediate(nextTurn);
    for (const answer of now) answer();
  };
  return (answer) => {
    if (given === 0) setImmediate(nextTurn);
    if (given < answersPerTurn) {
      given += 1;
      answer();
    } else waiting.push(answer);
  };
}

function settle(turn: Turn, answer: WritesAnswer, say: (answer: () => void) => void): void {
  let cell = 0;
  let failed = 0;
  const calls = turn.request().calls;
  for (const [index, caller] of turn.callers.entries()) {
    const count = answer.rowCounts[index] ?? 0;
    const failure = count < 0 ? answer.failures[failed++] : undefined;
    if (failure) {
      caller.reject(toAppError(failure));
      continue;
    }
    const columns = answer.columns[calls[index] ?? 0] ?? [];
    const rows: unknown[] = [];
    for (let row = 0; row < count; row++) {
      const object: Record<string, unknown> = {};
      for (const column of columns) object[column] = answer.values[cell++];
      rows.push(object);
    }
    say(() => caller.resolve(rows));
  }
}

function read<Result>(held: HeldReads, work: () => Result): Result {
  try {
    return held.read(work);
  } catch (error) {
    throw toAppError(toFailure(error));
  }
}
