/** What the serving thread and the SQLite threads say to each other. Posts of one turn of the event loop travel as one message. */
import type { SqlValue } from "../database.ts";

/** The first message to a new thread; it answers with `ready` or `refused`. */
export interface WorkerInit {
  readonly role: "writer" | "reader" | "checkpointer";
  readonly path: string;
  readonly transactionLimitMs: number;
}

export interface QueryRequest {
  readonly kind: "query";
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
  /** Absent: its own transaction. */
  readonly transaction?: number;
}

/** Hot-lane calls of one turn. Flat, because copying nested arrays between threads costs more than running the statements. */
export interface WritesRequest {
  readonly kind: "writes";
  readonly texts: readonly WriteText[];
  /** One for each call: which text. */
  readonly calls: readonly number[];
  /** The parameters of all calls, one after the other. */
  readonly values: readonly SqlValue[];
}

export interface WriteText {
  readonly sql: string;
  readonly parameterCount: number;
}

export interface WritesAnswer {
  /** One for each text: the names of the columns it answers. */
  readonly columns: readonly (readonly string[])[];
  /** One for each call: how many rows it answered, or -1: it failed. */
  readonly rowCounts: readonly number[];
  /** The columns of all rows of all calls, one after the other. */
  readonly values: readonly unknown[];
  /** Those of the calls that failed, in order. */
  readonly failures: readonly SqlFailure[];
}

/** Statements of one transaction that needs no answers in between. */
export interface TogetherRequest {
  readonly kind: "together";
  readonly statements: readonly TogetherStatement[];
}

export interface TogetherStatement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

export type WorkerRequest =
  | QueryRequest
  | TogetherRequest
  | WritesRequest
  | { readonly kind: "begin"; readonly transaction: number }
  | { readonly kind: "end"; readonly transaction: number; readonly commit: boolean }
  | { readonly kind: "ping" }
  | { readonly kind: "close" };

export interface QueryAnswer {
  readonly rows: readonly unknown[];
  readonly changes?: number;
  readonly lastInsertRowid?: number;
}

/** An error as it crosses threads. `code` is SQLite's own, or one of ours for a transaction that is no more. */
export interface SqlFailure {
  readonly code: string;
  readonly message: string;
}

export type Envelope = readonly [id: number, request: WorkerRequest];
export type Reply =
  | readonly [id: number, isOk: true, value: unknown]
  | readonly [id: number, isOk: false, value: SqlFailure];

export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly failure: SqlFailure }
  | { readonly kind: "replies"; readonly replies: readonly Reply[] };

export const transactionGone = "TRANSACTION_GONE";
export const transactionExpired = "TRANSACTION_EXPIRED";
