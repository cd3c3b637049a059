/** Threads: how one is started, and what it sees of the thread that started it. */
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";

export interface WorkerHandle {
  post(message: unknown): void;
  /** Ends the thread at once, whatever it is doing. */
  terminate(): void;
}

export interface WorkerEvents {
  onMessage(message: unknown): void;
  /** Called once, when the thread has ended for whatever reason; `reason` is for the log. */
  onEnd(reason: string): void;
}

export interface WorkerSource {
  /** The worker's file as its neighbour names it: `new URL("./x.ts", import.meta.url)`. */
  readonly url: URL;
  /** The same file from main.ts's folder: in a compiled executable every module's URL is the executable's. */
  readonly fromMain: string;
}

export type SpawnWorker = (source: WorkerSource, events: WorkerEvents) => WorkerHandle;

/** A compiled executable must name the worker's file as a second entry point of `bun build --compile`. */
export const spawnWorker: SpawnWorker = (source, events) => {
  const worker = new Worker(locate(source));
  let reason = "";
  let hasEnded = false;
  const end = (code: string) => {
    if (hasEnded) return;
    hasEnded = true;
    events.onEnd(reason === "" ? code : reason);
  };
  worker.addEventListener("message", (event: MessageEvent) => events.onMessage(event.data));
  worker.addEventListener("error", (event: ErrorEvent) => {
    reason = event.message;
  });
  worker.addEventListener("close", (event) => end(`the thread ended${"code" in event ? ` with ${event.code}` : ""}`));
  return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
};

function locate(source: WorkerSource): string {
  const isCompiled = import.meta.url.includes("/$bunfs/") || import.meta.url.includes("/~BUN/");
  return isCompiled ? new URL(source.fromMain, import.meta.url).href : source.url.href;
}

/** Called inside a worker: listens to the thread that started it and returns how to post to it. */
export function listenToParent(onMessage: (message: unknown) => void): (message: unknown) => void {
  const scope: { addEventListener(type: "message", listener: (event: MessageEvent) => void): void } = self;
  scope.addEventListener("message", (event) => onMessage(event.data));
  return (message) => self.postMessage(message);
}

/** Where both want the processor, a tenth of what a thread without it gets: enough to finish with. */
const backgroundNice = 10;

/**
 * Called inside a worker: whoever serves goes first where there are fewer processors than threads that want one. Linux alone has
 * priorities of single threads; elsewhere nothing changes.
 */
export function giveWay(): void {
  try {
    // "4020/task/4025", the last of which is this thread's own number.
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    if (Number.isInteger(thread) && thread !== process.pid) setPriority(thread, backgroundNice);
  } catch {
    // A system without such names, or one that does not let us.
  }
}
