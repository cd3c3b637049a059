/** The serving thread's end of the search threads: started when first needed, ended when nobody has asked for a while or one hangs. */
import type { DbLocation } from "../db/identity-index.ts";
import { AppError, type ErrorCode, errorCodes } from "../errors.ts";
import { spawnWorker, type WorkerHandle, type WorkerSource } from "../runtime/worker.ts";
import type { SearchRequest, ThreadInit, ThreadReply } from "./requests.ts";

const source: WorkerSource = { url: new URL("./thread.ts", import.meta.url), fromMain: "search/thread.ts" };
/** More wait here than would be answered in time. */
const maxWaiting = 200;
const requestLimitMs = 30_000;
const idleEndMs = 60_000;

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
  readonly deadline: number;
}

interface Thread {
  readonly handle: WorkerHandle;
  readonly waiting: Map<number, Waiter>;
  usedAt: number;
}

export interface Threads {
  request<Answer>(request: SearchRequest): Promise<Answer>;
  close(): Promise<void>;
}

export function createThreads(location: DbLocation, most: number): Threads {
  const threads = new Set<Thread>();
  let nextId = 1;
  let watch: ReturnType<typeof setInterval> | undefined;
  let isClosed = false;

  function start(): Thread {
    const waiting = new Map<number, Waiter>();
    const handle = spawnWorker(source, {
      onMessage: (message) => settle(thread, message as ThreadReply),
      onEnd: (reason) => end(thread, reason),
    });
    const thread: Thread = { handle, waiting, usedAt: Date.now() };
    handle.post({ location } satisfies ThreadInit);
    threads.add(thread);
    watch ??= setInterval(look, 1_000);
    watch.unref?.();
    return thread;
  }

  function settle({ waiting }: Thread, [id, isOk, value]: ThreadReply): void {
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (isOk) waiter?.resolve(value);
    else waiter?.reject(toAppError(value));
  }

  function end(thread: Thread, reason: string): void {
    threads.delete(thread);
    thread.handle.terminate();
    const error = new AppError("database_unavailable", { reason: "search thread ended" }, { cause: new Error(reason) });
    for (const waiter of thread.waiting.values()) waiter.reject(error);
    thread.waiting.clear();
  }

  function look(): void {
    const now = Date.now();
    for (const thread of threads) {
      const isLate = [...thread.waiting.values()].some(({ deadline }) => deadline < now);
      if (isLate) end(thread, "no answer in time");
      else if (thread.waiting.size === 0 && now - thread.usedAt > idleEndMs) void leave(thread);
    }
    if (threads.size > 0) return;
    clearInterval(watch);
    watch = undefined;
  }

  /** Its connection is closed before it goes. */
  async function leave(thread: Thread): Promise<void> {
    threads.delete(thread);
    await send(thread, { kind: "close" }, 5_000).catch(() => {});
    thread.handle.terminate();
  }

  function send(
    thread: Thread,
    request: SearchRequest | { readonly kind: "close" },
    limitMs: number,
  ): Promise<unknown> {
    const id = nextId++;
    thread.usedAt = Date.now();
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject, deadline: Date.now() + limitMs });
      thread.handle.post([id, request]);
    });
  }

  function pick(): Thread {
    const [idlest] = [...threads].sort((a, b) => a.waiting.size - b.waiting.size);
    return idlest && (idlest.waiting.size === 0 || threads.size >= most) ? idlest : start();
  }

  return {
    request: async <Answer>(request: SearchRequest): Promise<Answer> => {
      if (isClosed) throw new AppError("database_unavailable", { reason: "closed" });
      const thread = pick();
      if (thread.waiting.size >= maxWaiting) throw new AppError("database_busy", { reason: "too many searches wait" });
      return (await send(thread, request, requestLimitMs)) as Answer;
    },
    close: async () => {
      isClosed = true;
      clearInterval(watch);
      await Promise.all([...threads].map(leave));
    },
  };
}

function toAppError({ code, message }: { readonly code: string; readonly message: string }): AppError {
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : "internal";
  return new AppError(known, {}, { cause: new Error(message) });
}
