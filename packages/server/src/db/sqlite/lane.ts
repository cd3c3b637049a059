/** The hot lane on SQLite: reads on this thread's own connection, writes gathered per turn of the event loop for the writer. */
import { AppError } from "../../errors.ts";
import type { SqliteConnection } from "../../runtime/sqlite.ts";
import type { HotLane, SqlValue } from "../database.ts";
import { toAppError, toFailure } from "./failures.ts";
import type { WritesAnswer, WritesRequest, WriteText } from "./protocol.ts";
import type { WorkerLink } from "./worker-link.ts";

interface Caller {
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: AppError) => void;
}

export interface LaneOptions {
  readonly reader: SqliteConnection;
  readonly writer: WorkerLink;
  readonly waitLimitMs: number;
}

/** More than a server can have asked for and still be healthy: from here on, refuse instead of remembering. */
const maxUnanswered = 20_000;

export interface SqliteLane extends HotLane {
  /** Sends what this turn has gathered, before the writer is closed. */
  flush(): Promise<void>;
}

export function createSqliteLane({ reader, writer, waitLimitMs }: LaneOptions): SqliteLane {
  let turn = createTurn();
  let unanswered = 0;

  async function flush(): Promise<void> {
    const sent = turn;
    if (sent.callers.length === 0) return;
    turn = createTurn();
    try {
      settle(sent, await writer.request<WritesAnswer>(sent.request(), waitLimitMs));
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
    });
  }

  return {
    get: <Row>(sql: string, parameters: readonly SqlValue[]) => read(() => reader.get<Row>(sql, parameters)),
    all: <Row>(sql: string, parameters: readonly SqlValue[]) => read(() => reader.all<Row>(sql, parameters)),
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

function settle(turn: Turn, answer: WritesAnswer): void {
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
    caller.resolve(rows);
  }
}

function read<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw toAppError(toFailure(error));
  }
}
