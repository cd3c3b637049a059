/** The hot lane on SQLite: reads on this thread's own connection, writes gathered per turn of the event loop for the writer. */
import { AppError } from "../../errors.ts";
import type { SqliteConnection } from "../../runtime/sqlite.ts";
import type { HotLane, SqlValue } from "../database.ts";
import { toAppError, toFailure } from "./failures.ts";
import type { WriteOutcome } from "./protocol.ts";
import type { WorkerLink } from "./worker-link.ts";

interface Call {
  readonly text: number;
  readonly parameters: readonly SqlValue[];
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

export function createSqliteLane({ reader, writer, waitLimitMs }: LaneOptions): HotLane {
  let texts = new Map<string, number>();
  let calls: Call[] = [];
  let unanswered = 0;

  async function flush(): Promise<void> {
    const sent = calls;
    const sentTexts = [...texts.keys()];
    calls = [];
    texts = new Map();
    try {
      const request = {
        kind: "writes" as const,
        texts: sentTexts,
        calls: sent.map((call) => [call.text, call.parameters] as const),
      };
      settle(sent, await writer.request<WriteOutcome[]>(request, waitLimitMs));
    } catch (error) {
      const failure = error instanceof AppError ? error : toAppError(toFailure(error));
      for (const call of sent) call.reject(failure);
    } finally {
      unanswered -= sent.length;
    }
  }

  function write<Row>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]> {
    if (unanswered >= maxUnanswered)
      return Promise.reject(new AppError("database_busy", { reason: "too many writes wait" }));
    unanswered++;
    return new Promise((resolve, reject) => {
      const text = texts.get(sql) ?? texts.size;
      if (text === texts.size) texts.set(sql, text);
      calls.push({ text, parameters, resolve: (rows) => resolve(rows as Row[]), reject });
      if (calls.length === 1) setImmediate(flush);
    });
  }

  return {
    get: <Row>(sql: string, parameters: readonly SqlValue[]) => read(() => reader.get<Row>(sql, parameters)),
    all: <Row>(sql: string, parameters: readonly SqlValue[]) => read(() => reader.all<Row>(sql, parameters)),
    write,
  };
}

function settle(calls: readonly Call[], outcomes: readonly WriteOutcome[]): void {
  for (const [index, call] of calls.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) call.reject(new AppError("internal", { reason: "no outcome" }));
    else if ("failure" in outcome) call.reject(toAppError(outcome.failure));
    else call.resolve([...outcome.rows]);
  }
}

function read<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw toAppError(toFailure(error));
  }
}
