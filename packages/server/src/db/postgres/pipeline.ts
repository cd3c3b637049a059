/**
 * One connection that everybody shares: statements are sent without waiting for the answers before them. It comes back by
 * itself when it is lost, with growing pauses; meanwhile it refuses at once, so that nothing piles up.
 */
import { Client, type ClientConfig } from "pg";
import { AppError } from "../../errors.ts";
import type { SqlValue } from "../database.ts";
import { toAppError } from "./failures.ts";
import { KeptQuery, type KnownColumns } from "./kept-query.ts";

export interface PipelineRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Rows answered or changed. */
  readonly count: number;
}

export type PipelineValue = SqlValue | readonly SqlValue[];

export interface Statement {
  readonly text: string;
  readonly values?: readonly PipelineValue[];
}

export interface Pipeline {
  run(statement: Statement): Promise<PipelineRows>;
  /** In this order, with nothing between them; one answer each. */
  runTogether(statements: readonly Statement[]): Promise<PipelineRows[]>;
  close(): Promise<void>;
}

export interface PipelineOptions {
  readonly name: string;
  readonly config: ClientConfig;
  /** Run on every new connection. */
  readonly setup: readonly string[];
  /** Keep parsed statements on the connection; not through a proxy that pools by transaction. */
  readonly prepare: boolean;
  /** Without any answer for this long the connection is given up. */
  readonly answerLimitMs: number;
  /** What is asked for now leaves now, not a turn of the event loop later together with what that turn asks for. Left out: never. */
  readonly leavesAtOnce?: () => boolean;
  readonly log: (message: string) => void;
}

/** Why a statement was refused that a new connection will take. */
export const FORGOTTEN = "statement was forgotten";

const maxUnanswered = 20_000;
const maxPrepared = 500;
const firstPauseMs = 50;
const longestPauseMs = 2_000;
const patienceMs = 500;

export function createPipeline(options: PipelineOptions): Pipeline {
  const names = new Map<string, string>();
  let client: Client | undefined;
  let known: KnownColumns = new Map();
  let connecting: Promise<void> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let endPause = () => {};
  let pauseMs = firstPauseMs;
  let lostAt = Number.POSITIVE_INFINITY;
  let gathering: Client | undefined;
  let unanswered = 0;
  let lastAnswer = 0;
  let isClosed = false;

  async function connect(): Promise<void> {
    if (isClosed) return;
    const fresh = new Client({ ...options.config, pipeline: true });
    fresh.on("error", (error) => lose(fresh, error));
    fresh.on("end", () => lose(fresh, new Error("the connection ended")));
    try {
      await fresh.connect();
      await Promise.all(options.setup.map((text) => fresh.query(text)));
      if (isClosed) return void (await fresh.end());
      client = fresh;
      known = new Map();
      connecting = undefined;
      pauseMs = firstPauseMs;
      lostAt = Number.POSITIVE_INFINITY;
    } catch (error) {
      void fresh.end().catch(() => {});
      if (lostAt === Number.POSITIVE_INFINITY) lostAt = Date.now();
      retryLater(error);
    }
  }

  function lose(lost: Client, error: unknown): void {
    if (client !== lost) return;
    client = undefined;
    lostAt = Date.now();
    void lost.end().catch(() => {});
    retryLater(error);
  }

  function retryLater(error: unknown): void {
    if (isClosed) return;
    const reason = error instanceof Error ? error.message : String(error);
    options.log(`the ${options.name} connection is lost (${reason}); next try in ${pauseMs} ms`);
    const pause = Promise.withResolvers<void>();
    endPause = pause.resolve;
    retryTimer = setTimeout(endPause, pauseMs);
    connecting = pause.promise.then(connect);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }

  /** Waits for a connection that was lost just now; later on it refuses at once, so that nothing piles up. */
  async function connected(): Promise<Client> {
    while (!client && !isClosed && Date.now() - lostAt < patienceMs) {
      connecting ??= connect();
      await connecting;
    }
    if (!client) throw new AppError("database_unavailable", { reason: "not connected" });
    return client;
  }

  /** What one turn of the event loop sends leaves in one piece; at once, what one piece of code sends. */
  function gather(target: Client): void {
    if (gathering === target) return;
    gathering = target;
    target.connection.stream.cork();
    const later = options.leavesAtOnce?.() ? queueMicrotask : setImmediate;
    later(() => {
      target.connection.stream.uncork();
      if (gathering === target) gathering = undefined;
    });
  }

  async function send(target: Client, { text, values = [] }: Statement): Promise<PipelineRows> {
    try {
      gather(target);
      return await new Promise<PipelineRows>((resolve, reject) => {
        const options = { text, values, name: nameOf(text), known, types: target };
        target.query(new KeptQuery(options, (error, rows) => (rows ? resolve(rows) : reject(error))));
      });
    } catch (error) {
      // Another node changed a table under a statement that this connection keeps: a new connection parses it anew.
      if (isStale(error)) {
        target.connection.stream.destroy();
        lose(target, error);
        throw new AppError("database_busy", { reason: FORGOTTEN }, { cause: error });
      }
      throw toAppError(error);
    } finally {
      lastAnswer = Date.now();
    }
  }

  async function counted<Answer>(work: (target: Client) => Promise<Answer>): Promise<Answer> {
    if (unanswered >= maxUnanswered) throw new AppError("database_busy", { reason: "too many statements wait" });
    if (unanswered++ === 0) lastAnswer = Date.now();
    try {
      return await work(client ?? (await connected()));
    } finally {
      unanswered--;
    }
  }

  function nameOf(text: string): string | undefined {
    if (!options.prepare) return undefined;
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size >= maxPrepared) return undefined;
    const name = `b${names.size}`;
    names.set(text, name);
    return name;
  }

  const watch = setInterval(() => {
    if (!client || unanswered === 0 || Date.now() - lastAnswer < options.answerLimitMs) return;
    client.connection.stream.destroy(new Error("no answer in time"));
  }, 500);
  watch.unref();

  return {
    run: (statement) => counted((target) => send(target, statement)),
    runTogether: (statements) =>
      counted((target) => Promise.all(statements.map((statement) => send(target, statement)))),
    close: async () => {
      isClosed = true;
      clearInterval(watch);
      clearTimeout(retryTimer);
      endPause();
      await connecting;
      const last = client;
      client = undefined;
      await last?.end();
    },
  };
}

/** What connection and server hold of a statement differs; nothing was done. */
function isStale(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  // Not known there (its parsing failed, behind a lock perhaps), known there already, or parsed for another table.
  return (
    error.code === "26000" ||
    error.code === "42P05" ||
    (error.code === "0A000" && error.message.includes("cached plan"))
  );
}
