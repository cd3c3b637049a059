import { expect, test } from "bun:test";
import pino from "pino";
import { createErrorLog, withRequestLog } from "./request-log.ts";
import { createTestApp } from "./testing/index.ts";

/** Sums of a metric's lines, by its labels as they are written. */
async function readMetrics(
  request: (path: string) => Promise<Response>,
): Promise<(line: string) => number | undefined> {
  const answer = await request("/metrics");
  expect(answer.headers.get("content-type")).toContain("text/plain");
  const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const values = new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
  return (line) => values.get(line);
}

test("operators read requests, errors, streams and what the process takes", async () => {
  const app = await createTestApp();
  const document = {
    id: 1,
    api_key: "metricKey",
    name: "Production",
    updated_at: "2026-01-01T00:00:00.000000+00:00",
    project: {
      id: 1,
      name: "Shop",
      hide_disabled_flags: false,
      enable_realtime_updates: true,
      server_key_only_feature_ids: [],
      organisation: {
        id: 1,
        name: "Acme",
        feature_analytics: false,
        stop_serving_flags: false,
        persist_trait_data: true,
      },
      segments: [],
    },
    feature_states: [],
    identity_overrides: [],
  };
  await app.importDocument(document);
  const headers = { "X-Environment-Key": "metricKey" };
  for (let n = 0; n < 3; n += 1) await app.request("/api/v1/flags/", { headers });
  await app.request("/api/v1/identities/?identifier=ana", { headers });
  await app.request("/api/v1/projects/", {});
  await app.request("/sse/environments/metricKey/stream");
  await app.request("/api/v1/stream/identity/?identifier=ana&key=metricKey");
  const value = await readMetrics(app.request);
  expect(value('burgee_sdk_requests_total{resource="flags"}')).toBe(3);
  expect(value('burgee_sdk_requests_total{resource="identities"}')).toBe(1);
  expect(value('burgee_errors_total{code="unauthenticated"}')).toBe(1);
  expect(value('burgee_stream_clients{kind="flagsmith"}')).toBe(1);
  expect(value('burgee_stream_clients{kind="identity"}')).toBe(1);
  expect(value('burgee_stream_clients{kind="environment"}')).toBe(0);
  expect(value('burgee_watched_identities{where="here"}')).toBe(1);
  expect(value("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  expect(value("burgee_webhook_queue_length")).toBe(0);
  app.app.streams.closeAll();
  const after = await readMetrics(app.request);
  expect(after('burgee_stream_clients{kind="flagsmith"}')).toBe(0);
  expect(after('burgee_watched_identities{where="here"}')).toBe(0);
  await app.close();
});

test("all lines about one request carry its id, the caller's or one that is made up", async () => {
  const lines: { requestId: string; path: string }[] = [];
  const logger = pino({ level: "debug" }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const logError = createErrorLog(logger, new Map());
  const answer = withRequestLog(logger, (request) => new Response(logError(new Error("broken"), request)));
  const named = await (await answer(new Request("http://x/a", { headers: { "X-Request-Id": "mine-1" } }))).text();
  const unnamed = await (await answer(new Request("http://x/b"))).text();
  expect(lines.map((line) => line.requestId)).toEqual([named, named, unnamed, unnamed]);
  expect([named, unnamed.length]).toEqual(["mine-1", 36]);
});
