/** One attempt to deliver: sends, and says what became of it. */
import { PostError, postGuarded, type Resolve } from "../../http/guarded-post.ts";
import { pauseAfter } from "./backoff.ts";
import type { DeliveryRow, Outcome } from "./deliveries.store.ts";
import { signedHeaders } from "./sign.ts";
import type { WebhookRow } from "./webhooks.store.ts";

export interface SendDeps {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** It may go to addresses of this machine and of private networks. */
  readonly allowPrivate: boolean;
  readonly resolve?: Resolve | undefined;
  readonly random?: () => number;
  readonly timeoutMs?: number;
}

export const TIMEOUT_MS = 10_000;
/** Kept of an answer. */
const READ_LIMIT = 4000;
const GONE = 410;

export interface Sent extends Outcome {
  readonly isDelivered: boolean;
  /** The receiver wants nothing more. */
  readonly isGone: boolean;
}

type Attempt = Outcome["attempt"];

async function post(deps: SendDeps, hook: WebhookRow, delivery: DeliveryRow): Promise<Attempt> {
  const { now, allowPrivate, resolve, timeoutMs = TIMEOUT_MS } = deps;
  const at = now();
  const began = performance.now();
  const headers = signedHeaders({ id: delivery.message_id, body: delivery.body, secret: hook.secret, at });
  const made = {
    delivery_id: delivery.id,
    number: delivery.attempts + 1,
    at,
    request_headers: JSON.stringify(headers),
  };
  const took = () => Math.round(performance.now() - began);
  const limits = { timeoutMs, readLimit: READ_LIMIT, allowPrivate, ...(resolve ? { resolve } : {}) };
  try {
    const answer = await postGuarded({ url: hook.url, body: delivery.body, headers, ...limits });
    const isFine = answer.status >= 200 && answer.status < 300;
    return {
      ...made,
      duration_ms: took(),
      status: answer.status,
      error: isFine ? null : `It answered with status ${answer.status}.`,
      response_headers: JSON.stringify(answer.headers),
      // No text column of PostgreSQL holds it.
      response_body: answer.body.replaceAll("\0", "\ufffd").toWellFormed(),
    };
  } catch (error) {
    if (!(error instanceof PostError)) throw error;
    const failed = { status: null, error: error.message.slice(0, 500), response_headers: "{}", response_body: null };
    return { ...made, duration_ms: took(), ...failed };
  }
}

const retryAfterOf = ({ response_headers }: Attempt): string | undefined =>
  (JSON.parse(response_headers) as Record<string, string>)["retry-after"];

export async function send(deps: SendDeps, hook: WebhookRow, delivery: DeliveryRow): Promise<Sent> {
  const { now, random = Math.random } = deps;
  const attempt = await post(deps, hook, delivery);
  if (attempt.error === null) {
    return { attempt, state: "delivered", nextAttemptAt: now(), isDelivered: true, isGone: false };
  }
  const failure = {
    tries: attempt.number,
    ageMs: now() - delivery.created_at,
    retryAfter: retryAfterOf(attempt),
    random: random(),
  };
  const pause = pauseAfter(failure, now());
  const isGone = attempt.status === GONE;
  const state = pause === undefined || isGone ? "failed" : "pending";
  return { attempt, state, nextAttemptAt: now() + (pause ?? 0), isDelivered: false, isGone };
}
