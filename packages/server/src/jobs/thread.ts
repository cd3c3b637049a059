/**
 * A thread for what would keep the serving thread from serving: reading files, evaluating everybody. Started when first needed,
 * ended when nothing was asked of it for a while. Only texts and small values should travel: they cost the least.
 */
import { type SpawnWorker, spawnWorker, type WorkerHandle, type WorkerSource } from "../runtime/worker.ts";

export type { WorkerSource } from "../runtime/worker.ts";

export interface Thread {
  /** Rejects with what the thread threw, or when it ended. */
  ask<Answer>(question: unknown): Promise<Answer>;
  close(): void;
}

export interface Question {
  readonly id: number;
  readonly question: unknown;
}

export type ThreadAnswer =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failure: string };

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

const IDLE_MS = 5_000;

export function createThread(source: WorkerSource, spawn: SpawnWorker = spawnWorker): Thread {
  const pending = new Map<number, Pending>();
  let worker: WorkerHandle | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  const end = (reason: string): void => {
    clearTimeout(idle);
    const ended = worker;
    worker = undefined;
    ended?.terminate();
    for (const { reject } of pending.values()) reject(new Error(reason));
    pending.clear();
  };

  const hear = (message: unknown): void => {
    const answer = message as ThreadAnswer;
    const waiter = pending.get(answer.id);
    pending.delete(answer.id);
    if ("failure" in answer) waiter?.reject(new Error(answer.failure));
    else waiter?.resolve(answer.answer);
    if (pending.size > 0) return;
    idle = setTimeout(() => end("idle"), IDLE_MS);
    idle.unref?.();
  };

  function start(): WorkerHandle {
    const handle = spawn(source, {
      onMessage: hear,
      onEnd: (reason) => {
        if (worker === handle) end(reason);
      },
    });
    return handle;
  }

  return {
    ask: <Answer>(question: unknown) => {
      clearTimeout(idle);
      worker ??= start();
      const id = ++asked;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      pending.set(id, { resolve, reject });
      worker.post({ id, question } satisfies Question);
      return promise as Promise<Answer>;
    },
    close: () => end("closed"),
  };
}
