/**
 * Tells an environment's identity integration of each identity that is evaluated here. From memory, and only so many at once: an
 * answer never waits for it, and what a receiver cannot take is dropped and counted rather than kept.
 */
import type { Db } from "../../db/database.ts";
import { PostError, postGuarded, type Resolve } from "../../http/guarded-post.ts";
import { bodyText } from "./body-text.ts";
import { TIMEOUT_MS } from "./delivery.ts";
import { type IdentityWebhookRow, listAllHooks } from "./identity-webhooks.store.ts";
import { signedHeaders } from "./sign.ts";

export interface IdentityNotifierDeps {
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** It may go to addresses of this machine and of private networks. */
  readonly allowPrivate: boolean;
  readonly resolve?: Resolve | undefined;
  readonly onError: (error: unknown) => void;
  /** Milliseconds between looks for what other nodes configured; 0 = never. */
  readonly refreshMs: number;
  /** Milliseconds before the second try, and before the third. */
  readonly pauses?: readonly number[];
}

export interface IdentityNotifier {
  /** Cheap: asked for each evaluation. */
  wants(environmentId: number): boolean;
  /** `body` is asked for when there is time to send it. */
  evaluated(environmentId: number, body: () => unknown): void;
  /** Addresses were changed here. */
  refresh(): Promise<void>;
  totals(): { readonly sent: number; readonly failed: number; readonly dropped: number };
  /** Resolves when nothing is left to send. */
  settle(): Promise<void>;
  close(): void;
}

interface Waiting {
  readonly environmentId: number;
  readonly body: () => unknown;
}

const MAX_WAITING = 10_000;
const MAX_SENDING = 8;
const PAUSES_MS = [1000, 4000];

export function createIdentityNotifier(deps: IdentityNotifierDeps): IdentityNotifier {
  const { db, now, allowPrivate, resolve, onError, pauses = PAUSES_MS } = deps;
  let hooks: ReadonlyMap<number, IdentityWebhookRow> = new Map();
  let waiting: Waiting[] = [];
  let next = 0;
  let isClosed = false;
  const sending = new Set<Promise<void>>();
  const totals = { sent: 0, failed: 0, dropped: 0 };

  async function post(hook: IdentityWebhookRow, body: string): Promise<boolean> {
    const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
    for (let tried = 0; ; tried += 1) {
      const headers = signedHeaders({ id, body, secret: hook.secret, at: now() });
      const guard = { timeoutMs: TIMEOUT_MS, allowPrivate, ...(resolve ? { resolve } : {}) };
      const status = await postGuarded({ url: hook.url, body, headers, ...guard }).then(
        (answer) => answer.status,
        (error: unknown) => {
          if (error instanceof PostError) return 0;
          throw error;
        },
      );
      if (status >= 200 && status < 300) return true;
      const pause = pauses[tried];
      if (pause === undefined || isClosed) return false;
      await new Promise((later) => setTimeout(later, pause));
    }
  }

  async function tell({ environmentId, body }: Waiting): Promise<void> {
    const hook = hooks.get(environmentId);
    if (!hook) return;
    if (await post(hook, bodyText(body()))) totals.sent += 1;
    else totals.failed += 1;
  }

  function advance(): void {
    while (sending.size < MAX_SENDING && next < waiting.length && !isClosed) {
      const job = waiting[next] as Waiting;
      next += 1;
      const running: Promise<void> = tell(job)
        .catch(onError)
        .finally(() => {
          sending.delete(running);
          advance();
        });
      sending.add(running);
    }
    if (next >= 1000 || next === waiting.length) {
      waiting = waiting.slice(next);
      next = 0;
    }
  }

  const refresh = async (): Promise<void> => {
    const rows = await listAllHooks(db.kysely);
    hooks = new Map(rows.map((row) => [row.environment_id, row]));
  };
  const refreshQuietly = () => {
    refresh().catch((error: unknown) => {
      if (!isClosed) onError(error);
    });
  };
  const timer = deps.refreshMs > 0 ? setInterval(refreshQuietly, deps.refreshMs) : undefined;
  timer?.unref?.();
  refreshQuietly();

  return {
    wants: (environmentId) => hooks.size > 0 && hooks.has(environmentId),
    evaluated: (environmentId, body) => {
      if (isClosed || waiting.length - next >= MAX_WAITING) {
        totals.dropped += 1;
        return;
      }
      waiting.push({ environmentId, body });
      // After the answer that is being written.
      if (sending.size < MAX_SENDING) setImmediate(advance);
    },
    refresh,
    totals: () => totals,
    settle: async () => {
      while (sending.size > 0 || waiting.length > next) {
        advance();
        await Promise.all(sending);
      }
    },
    close: () => {
      isClosed = true;
      clearInterval(timer);
    },
  };
}
