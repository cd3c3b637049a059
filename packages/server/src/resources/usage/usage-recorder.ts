/** Counts requests in memory and writes the sums every few seconds: a write a request would cost more than the request. */
import { sdkLabel } from "../../http/sdk-label.ts";
import type { RequestCount, UsageStore } from "./usage.store.ts";

export interface UsageRecorder {
  record(environmentId: number, resource: string, request: Request): void;
  /** Since the process started, by resource; for metrics. */
  totals(): ReadonlyMap<string, number>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Counter extends RequestCount {
  count: number;
}

const FLUSH_MS = 10_000;

export function createUsageRecorder(
  store: UsageStore,
  onError: (error: unknown) => void,
  flushMs = FLUSH_MS,
): UsageRecorder {
  let pending = new Map<string, Counter>();
  const totals = new Map<string, number>();
  const stamped = new Set<number>();

  // Most calls are like the one before: they are spared the key.
  let last: Counter | undefined;

  const add = (environmentId: number, resource: string, sdk: string, count: number): void => {
    if (last?.environmentId === environmentId && last.resource === resource && last.sdk === sdk) {
      last.count += count;
      return;
    }
    const key = `${environmentId} ${resource} ${sdk}`;
    const known = pending.get(key);
    if (known) known.count += count;
    const counter = known ?? { environmentId, resource, sdk, count };
    if (!known) pending.set(key, counter);
    last = counter;
  };

  const flush = async (): Promise<void> => {
    const counts = [...pending.values()];
    pending = new Map();
    last = undefined;
    try {
      await store.addRequests(counts);
    } catch (error) {
      // Kept for the next try. Some may have been written before the failure; usage is an estimate, not a ledger.
      for (const { environmentId, resource, sdk, count } of counts) add(environmentId, resource, sdk, count);
      onError(error);
    }
  };

  const stamp = (environmentId: number, sdk: string): void => {
    if (stamped.has(environmentId)) return;
    stamped.add(environmentId);
    store.stampFirstEvaluation(environmentId, sdk).catch((error: unknown) => {
      stamped.delete(environmentId);
      onError(error);
    });
  };

  const timer = setInterval(() => void flush(), flushMs);
  timer.unref?.();

  return {
    record: (environmentId, resource, request) => {
      const sdk = sdkLabel(request);
      add(environmentId, resource, sdk, 1);
      totals.set(resource, (totals.get(resource) ?? 0) + 1);
      if (sdk !== "" && resource === "flags") stamp(environmentId, sdk);
    },
    totals: () => totals,
    flush,
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}
