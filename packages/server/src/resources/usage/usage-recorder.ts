/** Counts requests in memory and writes the sums every few seconds: a write a request would cost more than the request. */
import { sdkLabel } from "../../http/sdk-label.ts";
import { addCounts } from "./add-counts.ts";
import type { FeatureCount, RequestCount, UsageStore } from "./usage.store.ts";

export interface UsageRecorder {
  record(environmentId: number, resource: string, request: Request): void;
  /** Of a flag that was asked for by its name: nobody else reports that it was evaluated. */
  recordEvaluation(environmentId: number, featureId: number, enabled: boolean, request: Request): void;
  /** Since the process started, by resource; for metrics. */
  totals(): ReadonlyMap<string, number>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Counter extends RequestCount {
  count: number;
}

interface Evaluations extends FeatureCount {
  count: number;
}

const FLUSH_MS = 10_000;

/** OpenFeature's providers have no name of their own, and are known by their door. */
const labelOf = (resource: string, request: Request): string =>
  sdkLabel(request) || (resource === "ofrep" ? "ofrep" : "");

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

  let evaluations = new Map<string, Evaluations>();

  const addEvaluations = (counted: FeatureCount): void => {
    const { environmentId, featureId, sdk, enabled, count } = counted;
    const key = `${environmentId} ${featureId} ${enabled} ${sdk}`;
    const known = evaluations.get(key);
    if (known) known.count += count;
    else evaluations.set(key, { ...counted });
  };

  /** What cannot be written is kept for the next try. */
  const flush = async (): Promise<void> => {
    const reported = [...evaluations.values()];
    evaluations = new Map();
    const unreported = await addCounts(reported, store.addFeatures);
    for (const { count } of unreported) addEvaluations(count);
    const counts = [...pending.values()];
    pending = new Map();
    last = undefined;
    const unwritten = await addCounts(counts, store.addRequests);
    for (const { count: failed } of unwritten) add(failed.environmentId, failed.resource, failed.sdk, failed.count);
    const [first] = [...unreported, ...unwritten];
    if (first) onError(first.error);
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
      const sdk = labelOf(resource, request);
      add(environmentId, resource, sdk, 1);
      totals.set(resource, (totals.get(resource) ?? 0) + 1);
      if (sdk !== "" && resource === "flags") stamp(environmentId, sdk);
    },
    recordEvaluation: (environmentId, featureId, enabled, request) => {
      const sdk = labelOf("ofrep", request);
      addEvaluations({ environmentId, featureId, sdk, enabled: Number(enabled), count: 1 });
    },
    totals: () => totals,
    flush,
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}
