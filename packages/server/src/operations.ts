/** Mounts what operators and machines ask: health, version, metrics. */
import type { Hono } from "hono";
import type { Db } from "./db/database.ts";
import { createMetrics, type MetricsSource } from "./metrics.ts";
import { liveness, readiness, version } from "./resources/health/health.ts";
import { bothForms } from "./sdk.ts";

export interface OperationsSource extends MetricsSource {
  /** Letters are sent. */
  readonly hasMail: boolean;
}

export function mountOperations(hono: Hono, db: Db, source: OperationsSource): void {
  // Under /proxy too: probes that were written for the edge proxy keep working.
  for (const path of [...bothForms("/health/liveness/"), "/proxy/health/liveness"]) hono.get(path, liveness);
  const readyPaths = [
    ...bothForms("/health/"),
    ...bothForms("/health/readiness/"),
    "/proxy/health",
    "/proxy/health/readiness",
  ];
  for (const path of readyPaths) hono.get(path, (c) => readiness(db, c.req.raw));
  hono.get("/healthcheck*", (c) => readiness(db, c.req.raw));
  for (const path of bothForms("/version/")) hono.get(path, () => version(source.hasMail));
  const metrics = createMetrics(source);
  for (const path of bothForms("/metrics/")) hono.get(path, metrics);
}
