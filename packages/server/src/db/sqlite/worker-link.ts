/**
 * The serving thread's end of a SQLite thread. Every request is answered: by the thread, by its death, or by a deadline.
 * A dead thread is replaced at the next request, after a pause when it keeps dying.
 */
import { AppError } from "../../errors.ts";
import type { SpawnWorker, WorkerHandle, WorkerSource } from "../../runtime/worker.ts";
import { toAppError } from "./failures.ts";
import type { Envelope, Reply, WorkerInit, WorkerMessage, WorkerRequest } from "./protocol.ts";

export interface WorkerLink {
  /** Rejects with AppError; with "database_unavailable" when the thread died or did not answer in time. */
  request<Answer>(request: WorkerRequest, limitMs: number): Promise<Answer>;
  /** Requests not answered yet. */
  load(): number;
  close(): Promise<void>;
}

export interface WorkerLinkOptions {
  readonly spawn: SpawnWorker;
  readonly init: WorkerInit;
  readonly log: (message: string) => void;
  /** End a thread that misses a deadline: it hangs in a query that nothing else can stop. */
  readonly endWhenLate: boolean;
  /** Called before anybody hears of what the thread has done. */
  readonly onAnswers?: () => void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
  readonly deadline: number;
}

const source: WorkerSource = { url: new URL("./worker.ts", import.meta.url), fromMain: "db/sqlite/worker.ts" };
const startLimitMs = 10_000;
const closeLimitMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export function createWorkerLink(options: WorkerLinkOptions): WorkerLink {
  const pending = new Map<number, Pending>();
  let outgoing: Envelope[] = [];
  let worker: WorkerHandle | undefined;
  let startTimer: ReturnType<typeof setTimeout> | undefined;
  let watch: ReturnType<typeof setInterval> | undefined;
  let nextId = 1;
  let pauseMs = 0;
  let pausedUntil = 0;
  let isReady = false;
  let isClosed = false;

  function start(): WorkerHandle {
    const handle = options.spawn(source, {
      onMessage: (message) => receive(message as WorkerMessage),
      onEnd: (reason) => {
        if (worker === handle) fail(`the ${options.init.role} thread ended: ${reason}`);
      },
    });
    handle.post(options.init);
    startTimer = setTimeout(() => fail(`the ${options.init.role} thread did not start`), startLimitMs);
    return handle;
  }

  function receive(message: WorkerMessage): void {
    if (message.kind === "replies") {
      options.onAnswers?.();
      for (const reply of message.replies) settle(reply);
      return;
    }
    clearTimeout(startTimer);
    isReady = message.kind === "ready";
    if (message.kind === "ready") pauseMs = 0;
    else
      fail(
        `the ${options.init.role} thread could not open the file: ${message.failure.message}`,
        toAppError(message.failure),
      );
  }

  function settle([id, isOk, value]: Reply): void {
    const waiter = pending.get(id);
    if (!waiter) return;
    pending.delete(id);
    if (isOk) waiter.resolve(value);
    else waiter.reject(toAppError(value));
  }

  function fail(reason: string, error?: AppError): void {
    options.log(reason);
    clearTimeout(startTimer);
    const dead = worker;
    worker = undefined;
    isReady = false;
    dead?.terminate();
    outgoing = [];
    pauseMs = Math.min(Math.max(firstPauseMs, pauseMs * 2), longestPauseMs);
    pausedUntil = Date.now() + pauseMs;
    const unavailable =
      error ?? new AppError("database_unavailable", { reason: "thread ended" }, { cause: new Error(reason) });
    const waiters = [...pending.values()];
    pending.clear();
    for (const waiter of waiters) waiter.reject(unavailable);
  }

  function flush(): void {
    if (outgoing.length === 0) return;
    const envelopes = outgoing;
    outgoing = [];
    worker ??= start();
    worker.post(envelopes);
  }

  function rejectLate(): void {
    if (pending.size === 0) {
      clearInterval(watch);
      watch = undefined;
      return;
    }
    const now = Date.now();
    for (const [id, waiter] of pending) {
      if (waiter.deadline > now) continue;
      if (options.endWhenLate) {
        fail(`the ${options.init.role} thread missed a deadline`);
        return;
      }
      pending.delete(id);
      waiter.reject(new AppError("database_unavailable", { reason: "no answer in time" }));
    }
  }

  function request<Answer>(body: WorkerRequest, limitMs: number): Promise<Answer> {
    if (isClosed) return Promise.reject(new AppError("database_unavailable", { reason: "closed" }));
    if (!worker && Date.now() < pausedUntil)
      return Promise.reject(new AppError("database_unavailable", { reason: "restarting" }));
    return new Promise((resolve, reject) => {
      const id = nextId++;
      pending.set(id, { resolve: (value) => resolve(value as Answer), reject, deadline: Date.now() + limitMs });
      watch ??= setInterval(rejectLate, 500);
      if (outgoing.push([id, body]) === 1) queueMicrotask(flush);
    });
  }

  async function close(): Promise<void> {
    if (isClosed) return;
    // A thread that never said it was ready, and owes nobody an answer, is not asked.
    const isNeeded = worker ? isReady || pending.size > 0 : outgoing.length > 0;
    const closing = isNeeded ? request({ kind: "close" }, closeLimitMs) : undefined;
    isClosed = true;
    await closing?.catch((error: unknown) => options.log(`the ${options.init.role} thread did not close: ${error}`));
    clearInterval(watch);
    clearTimeout(startTimer);
    const ended = worker;
    worker = undefined;
    ended?.terminate();
  }

  return { request, load: () => pending.size, close };
}
