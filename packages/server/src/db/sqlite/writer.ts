/**
 * The one write connection and who may use it when. Writes that wait while a commit runs become the next transaction; a
 * transaction of the query builder has the connection to itself, for a limited time.
 */
import type { SqliteConnection } from "../../runtime/sqlite.ts";
import { isOwnFault, toFailure } from "./failures.ts";
import {
  type Envelope,
  type QueryAnswer,
  type QueryRequest,
  type Reply,
  type SqlFailure,
  type TogetherRequest,
  transactionExpired,
  transactionGone,
  type WritesAnswer,
  type WritesRequest,
  type WriteText,
} from "./protocol.ts";

export type ReplyTo = (reply: Reply) => void;
type Failed = (failure: SqlFailure) => void;

/** A commit of more calls than this would hold the ones behind it for too long. */
const maxCallsPerCommit = 2_000;

export function createWriter(connection: SqliteConnection, transactionLimitMs: number, reply: ReplyTo) {
  const waiting: Envelope[] = [];
  const expired = new Set<number>();
  let open: { id: number; timer: ReturnType<typeof setTimeout> } | undefined;

  function accept(envelope: Envelope): void {
    const [id, request] = envelope;
    if (request.kind === "query" && request.transaction !== undefined)
      inside(id, request.transaction, () => query(connection, request));
    else if (request.kind === "end") end(id, request.transaction, request.commit);
    else waiting.push(envelope);
  }

  /** Runs what waits, until a transaction has the connection or nothing is left. */
  function drain(): void {
    while (!open) {
      const batch = takeWrites(waiting);
      if (batch.length > 0) {
        commitWrites(connection, batch, reply);
        continue;
      }
      const next = waiting.shift();
      if (!next) return;
      const [id, request] = next;
      if (request.kind === "begin") begin(id, request.transaction);
      else if (request.kind === "query") answer(id, () => query(connection, request));
      else if (request.kind === "together") answer(id, () => runTogether(connection, request));
      else answer(id, () => null);
    }
  }

  function begin(id: number, transaction: number): void {
    answer(id, () => {
      connection.run("begin immediate", []);
      const timer = setTimeout(() => expire(transaction), transactionLimitMs);
      open = { id: transaction, timer };
      return null;
    });
  }

  function expire(transaction: number): void {
    expired.add(transaction);
    leave();
    drain();
  }

  function leave(): void {
    clearTimeout(open?.timer);
    open = undefined;
    rollback(connection);
  }

  function inside(id: number, transaction: number, work: () => unknown): void {
    if (open?.id === transaction && connection.isInTransaction()) {
      answer(id, work);
      return;
    }
    const code = expired.has(transaction) ? transactionExpired : transactionGone;
    reply([id, false, { code, message: "the transaction is over" }]);
  }

  function end(id: number, transaction: number, commit: boolean): void {
    inside(id, transaction, () => {
      if (commit) connection.run("commit", []);
      return null;
    });
    if (open?.id === transaction) leave();
    expired.delete(transaction);
  }

  function answer(id: number, work: () => unknown): void {
    try {
      reply([id, true, work()]);
    } catch (error) {
      reply([id, false, toFailure(error)]);
    }
  }

  return { accept, drain };
}

function runTogether(connection: SqliteConnection, { statements }: TogetherRequest): null {
  try {
    connection.run("begin immediate", []);
    for (const { sql, parameters } of statements) connection.run(sql, parameters);
    connection.run("commit", []);
    return null;
  } catch (error) {
    rollback(connection);
    throw error;
  }
}

export function query(connection: SqliteConnection, request: QueryRequest): QueryAnswer {
  if (connection.columns(request.sql).length > 0) return { rows: connection.all(request.sql, request.parameters) };
  return { rows: [], ...connection.run(request.sql, request.parameters) };
}

/** The write requests at the head of the queue. */
function takeWrites(waiting: Envelope[]): [id: number, request: WritesRequest][] {
  const batch: [number, WritesRequest][] = [];
  let calls = 0;
  while (calls < maxCallsPerCommit) {
    const head = waiting[0];
    if (head?.[1].kind !== "writes") break;
    waiting.shift();
    batch.push([head[0], head[1]]);
    calls += head[1].calls.length;
  }
  return batch;
}

/**
 * One transaction for all. No savepoints: SQLite undoes a failing statement by itself and keeps the transaction, unless the
 * database as a whole is at fault, and then none of them is safe.
 */
function commitWrites(
  connection: SqliteConnection,
  batch: [id: number, request: WritesRequest][],
  reply: ReplyTo,
): void {
  const failAll: Failed = (failure) => {
    rollback(connection);
    for (const [id] of batch) reply([id, false, failure]);
  };
  const answers: [id: number, answer: WritesAnswer][] = [];
  try {
    connection.run("begin immediate", []);
    for (const [id, request] of batch) answers.push([id, runCalls(connection, request)]);
    connection.run("commit", []);
  } catch (error) {
    failAll(toFailure(error));
    return;
  }
  for (const [id, answer] of answers) reply([id, true, answer]);
}

function runCalls(connection: SqliteConnection, { texts, calls, values }: WritesRequest): WritesAnswer {
  const answer = {
    columns: texts.map((text) => readColumns(connection, text)),
    rowCounts: [],
    values: [],
    failures: [],
  };
  const { rowCounts, failures }: { rowCounts: number[]; failures: SqlFailure[] } = answer;
  const cells: unknown[] = answer.values;
  let start = 0;
  for (const call of calls) {
    const text = texts[call];
    const end = start + (text?.parameterCount ?? 0);
    try {
      const rows = connection.values(text?.sql ?? "", values.slice(start, end));
      for (const row of rows) for (const cell of row) cells.push(cell);
      rowCounts.push(rows.length);
    } catch (error) {
      failures.push(ownFailure(connection, error));
      rowCounts.push(-1);
    }
    start = end;
  }
  return answer;
}

/** Rethrows what is not the fault of the one statement. */
function ownFailure(connection: SqliteConnection, error: unknown): SqlFailure {
  const failure = toFailure(error);
  if (isOwnFault(failure) && connection.isInTransaction()) return failure;
  throw error;
}

/** A text that cannot be prepared fails again, with its reason, when it is run. */
function readColumns(connection: SqliteConnection, text: WriteText): readonly string[] {
  try {
    return connection.columns(text.sql);
  } catch {
    return [];
  }
}

function rollback(connection: SqliteConnection): void {
  try {
    if (connection.isInTransaction()) connection.run("rollback", []);
  } catch {
    // The connection is still inside; the next `begin` fails and says so to its caller.
  }
}
