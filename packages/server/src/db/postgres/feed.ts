/** Changes between nodes: told inside the writing transaction, heard on a connection that does nothing else. */
import { type Kysely, sql } from "kysely";
import { Client, type ClientConfig } from "pg";
import type { ChangeFeed } from "../database.ts";
import type { Tables } from "../tables.ts";

export interface FeedOptions {
  readonly config: ClientConfig;
  readonly log: (message: string) => void;
}

const channel = "burgee_changes";
const firstPauseMs = 50;
const longestPauseMs = 2_000;
const checkEveryMs = 5_000;

export interface PostgresFeed extends ChangeFeed {
  close(): Promise<void>;
}

export function createFeed({ config, log }: FeedOptions): PostgresFeed {
  const handlers = new Set<(payload: string) => void>();
  const returnHandlers = new Set<() => void>();
  let wasLost = false;
  let client: Client | undefined;
  let connecting: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = firstPauseMs;
  let isClosed = false;

  async function connect(): Promise<void> {
    const fresh = new Client(config);
    fresh.on("error", (error) => lose(fresh, error));
    fresh.on("end", () => lose(fresh, new Error("the connection ended")));
    fresh.on("notification", ({ payload = "" }) => {
      for (const handler of handlers) handler(payload);
    });
    try {
      await fresh.connect();
      await fresh.query(`listen ${channel}`);
      if (isClosed) return void (await fresh.end());
      client = fresh;
      pauseMs = firstPauseMs;
      timer = setTimeout(check, checkEveryMs);
      if (wasLost) for (const handler of returnHandlers) handler();
      wasLost = false;
    } catch (error) {
      void fresh.end().catch(() => {});
      retryLater(error);
    }
  }

  /** A connection that died without a word is only noticed by asking. */
  async function check(): Promise<void> {
    const asked = client;
    if (!asked) return;
    const late = setTimeout(() => asked.connection.stream.destroy(new Error("no answer in time")), checkEveryMs);
    await asked.query("select 1").catch(() => {});
    clearTimeout(late);
    if (client === asked) timer = setTimeout(check, checkEveryMs);
  }

  function lose(lost: Client, error: unknown): void {
    if (client !== lost) return;
    client = undefined;
    void lost.end().catch(() => {});
    retryLater(error);
  }

  function retryLater(error: unknown): void {
    if (isClosed) return;
    wasLost = true;
    clearTimeout(timer);
    log(
      `the listening connection is lost (${error instanceof Error ? error.message : error}); next try in ${pauseMs} ms`,
    );
    timer = setTimeout(() => {
      connecting = connect();
    }, pauseMs);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }

  return {
    listen: async (handler, onReturn) => {
      handlers.add(handler);
      if (onReturn) returnHandlers.add(onReturn);
      connecting ??= connect();
      await connecting;
    },
    notify: async (trx: Kysely<Tables>, payload) => {
      await sql`select pg_notify(${channel}, ${payload})`.execute(trx);
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await connecting;
      const last = client;
      client = undefined;
      await last?.end();
    },
  };
}
