/** Prometheus text. The library is loaded with the first scrape: it would be a tenth of the time to start. */
import type { Registry } from "prom-client";
import { addWebhookMetrics, type WebhookMetricsSource } from "./webhook-metrics.ts";

export interface MetricsSource extends WebhookMetricsSource {
  readonly usage: { totals(): ReadonlyMap<string, number> };
  readonly streams: { counts(): Readonly<Record<string, number>> };
  readonly news: { counts(): { readonly own: number; readonly elsewhere: number } };
  /** Requests that were refused or failed inside, by code. */
  readonly errors: ReadonlyMap<string, number>;
}

async function createRegistry(source: MetricsSource): Promise<Registry> {
  const { usage, streams, news, errors } = source;
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
  new Counter({
    name: "burgee_errors_total",
    help: "Requests that were refused or failed after their key was known, by the code of the error.",
    labelNames: ["code"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [code, count] of errors) this.inc({ code }, count);
    },
  });
  new Gauge({
    name: "burgee_stream_clients",
    help: "Open event streams, by kind.",
    labelNames: ["kind"],
    registers: [registry],
    collect() {
      for (const [kind, count] of Object.entries(streams.counts())) this.set({ kind }, count);
    },
  });
  new Gauge({
    name: "burgee_watched_identities",
    help: "Identities that clients listen to, of this process and of the others.",
    labelNames: ["where"],
    registers: [registry],
    collect() {
      const { own, elsewhere } = news.counts();
      this.set({ where: "here" }, own);
      this.set({ where: "elsewhere" }, elsewhere);
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
