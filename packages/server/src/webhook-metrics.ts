/** What operators want to know of webhooks. */
import type * as Prometheus from "prom-client";

export interface WebhookMetricsSource {
  readonly deliveries: {
    totals(): { readonly delivered: number; readonly failed: number; readonly givenUp: number };
    /** Of all nodes. */
    waiting(): Promise<number>;
  };
  readonly identityNotifier: {
    totals(): { readonly sent: number; readonly failed: number; readonly dropped: number };
  };
}

export function addWebhookMetrics(
  { Counter, Gauge }: Pick<typeof Prometheus, "Counter" | "Gauge">,
  registry: Prometheus.Registry,
  { deliveries, identityNotifier }: WebhookMetricsSource,
): void {
  const counter = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>) =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  counter("burgee_webhook_attempts_total", "Attempts to deliver events of this process, by result.", "result", () => {
    const { delivered, failed } = deliveries.totals();
    return { delivered, failed };
  });
  new Counter({
    name: "burgee_webhook_given_up_total",
    help: "Events that this process gave up to deliver.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(deliveries.totals().givenUp);
    },
  });
  new Gauge({
    name: "burgee_webhook_queue_length",
    help: "Events that wait to be delivered, of all processes; those of stopped webhooks not counted. NaN: the database does not say.",
    registers: [registry],
    async collect() {
      this.set(await deliveries.waiting().catch(() => Number.NaN));
    },
  });
  counter(
    "burgee_identity_webhook_total",
    "Evaluated identities that this process told an identity webhook of, by result.",
    "result",
    () => ({ ...identityNotifier.totals() }),
  );
}
