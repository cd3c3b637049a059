/** Prometheus text. The library is loaded with the first scrape: it would be a tenth of the time to start. */
import type { Registry } from "prom-client";
import { addWebhookMetrics, type WebhookMetricsSource } from "./webhook-metrics.ts";

export interface MetricsSource extends WebhookMetricsSource {
  readonly usage: { totals(): ReadonlyMap<string, number> };
  readonly streams: { count(): number };
}

async function createRegistry(source: MetricsSource): Promise<Registry> {
  const { usage, streams } = source;
  const { collectDefaultMetrics, Counter, Gauge, Registry } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Counter({
    name: "burgee_sdk_requests_total",
    help: "SDK requests with a known key, by resource.",
    labelNames: ["resource"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [resource, count] of usage.totals()) this.inc({ resource }, count);
    },
  });
  new Gauge({
    name: "burgee_stream_clients",
    help: "Open event streams.",
    registers: [registry],
    collect() {
      this.set(streams.count());
    },
  });
  addWebhookMetrics({ Counter, Gauge }, registry, source);
  return registry;
}

export function createMetrics(source: MetricsSource): () => Promise<Response> {
  let registry: Promise<Registry> | undefined;
  return async () => {
    registry ??= createRegistry(source);
    const made = await registry;
    return new Response(await made.metrics(), { headers: { "Content-Type": made.contentType } });
  };
}
