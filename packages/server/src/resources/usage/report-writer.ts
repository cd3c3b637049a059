/**
 * What SDKs report is written before it is acknowledged, but not report by report: those that arrive while one write is under way
 * are added up and become the next, so that ten thousand clients that report the same features cost as much as one.
 */
import type { FeatureCount } from "./usage.store.ts";

interface Batch {
  readonly counts: Map<string, FeatureCount>;
  readonly written: Promise<void>;
}

export type ReportWriter = (counts: readonly FeatureCount[]) => Promise<void>;

export function createReportWriter(write: (counts: readonly FeatureCount[]) => Promise<void>): ReportWriter {
  let running: Promise<void> = Promise.resolve();
  let next: Batch | undefined;

  const open = (): Batch => {
    const counts = new Map<string, FeatureCount>();
    const written = running.then(() => {
      next = undefined;
      return write([...counts.values()]);
    });
    // Who waits for this one hears of its failure; the one after it goes ahead.
    running = written.catch(() => {});
    return { counts, written };
  };

  return async (reported) => {
    if (reported.length === 0) return;
    next ??= open();
    const { counts, written } = next;
    for (const count of reported) {
      const key = `${count.environmentId} ${count.featureId} ${count.enabled} ${count.sdk}`;
      counts.set(key, { ...count, count: count.count + (counts.get(key)?.count ?? 0) });
    }
    await written;
  };
}
