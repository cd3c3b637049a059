import { afterAll, beforeAll, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { createTestApp, runBurgee, startTestServer, type TestApp } from "../testing/index.ts";
import { startTraces, type Traces } from "./traces.ts";

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}

interface Collector {
  readonly url: string;
  readonly spans: SentSpan[];
  readonly requests: { readonly path: string; readonly headers: Headers; readonly text: string }[];
  stop(): Promise<void>;
}

/** Takes OTLP's JSON, as collectors do. */
function startCollector(): Collector {
  const spans: SentSpan[] = [];
  const requests: Collector["requests"] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const text = await request.text();
      requests.push({ path: new URL(request.url).pathname, headers: request.headers, text });
      for (const resource of JSON.parse(text).resourceSpans) {
        for (const scope of resource.scopeSpans) spans.push(...scope.spans);
      }
      return Response.json({});
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, spans, requests, stop: () => server.stop(true) };
}

let collector: Collector;
let traces: Traces;
let app: TestApp;

beforeAll(async () => {
  collector = startCollector();
  const config = {
    url: `${collector.url}/v1/traces`,
    headers: { "x-team": "flags" },
    serviceName: "shop-flags",
    share: 1,
  };
  traces = startTraces(config, "1.2.3");
  app = await createTestApp({ tracer: traces, watch: traces.watch });
  await app.importDocument({
    id: 1,
    api_key: "tracedKey",
    name: "Production",
    updated_at: "2026-01-01T00:00:00.000000+00:00",
    project: {
      id: 1,
      name: "Shop",
      hide_disabled_flags: false,
      enable_realtime_updates: false,
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
  });
  const key = { "X-Environment-Key": "tracedKey", "Content-Type": "application/json" };
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const identify = JSON.stringify({ identifier: "secret-ana", traits: [{ trait_key: "plan", trait_value: "pro" }] });
  await app.request("/api/v1/identities/", { method: "POST", headers: { ...key, traceparent }, body: identify });
  const fast = app.app.routes["/api/v1/flags/"];
  await fast?.(new Request("http://localhost/api/v1/flags/", { headers: key }));
  await app.request("/api/v1/identities/secret-ana/", { headers: key });
  await app.request("/nowhere/secret-ana", { headers: { traceparent: "00-nonsense" } });
  const ofrep = { "X-API-Key": "tracedKey", traceparent: "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-00" };
  await app.request("/ofrep/v1/evaluate/flags", { method: "POST", headers: ofrep, body: "{}" });
  for (const path of ["/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/secret-ana/x"]) {
    await app.request(path, { method: "POST", headers: { "X-API-Key": "tracedKey" }, body: "{}" });
  }
  await app.app.changes.commit({ actor: "test", requestId: null }, async () => ({ result: 1, entries: [] }));
  await app.close();
  await traces.close();
});
afterAll(() => collector.stop());

const attributesOf = (span: SentSpan | undefined) =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
const named = (name: string) => collector.spans.filter((span) => span.name === name);

test("a request is a span of its caller's trace, named by its pattern", () => {
  const [span] = named("POST /api/v1/identities/");
  expect(span).toMatchObject({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    parentSpanId: "b7ad6b7169203331",
    kind: 2,
  });
  expect(attributesOf(span)).toMatchObject({
    "http.request.method": "POST",
    "http.route": "/api/v1/identities/",
    "http.response.status_code": 200,
  });
  const [legacy] = named("GET /api/v1/identities/:identifier/");
  expect(attributesOf(legacy)).toMatchObject({ "http.response.status_code": 200 });
  const names = collector.spans.map(({ name }) => name).filter((name) => name.includes("ofrep"));
  expect(names).toEqual(["POST /ofrep/v1/evaluate/flags", "POST /ofrep/v1/evaluate/flags/:flag{.+}"]);
  expect(legacy?.parentSpanId).toBeFalsy();
});

test("what it does in the database are spans below it", () => {
  const [request] = named("POST /api/v1/identities/");
  const below = collector.spans.filter((span) => span.parentSpanId === request?.spanId);
  expect(below.map(({ name, kind }) => [name, kind])).toEqual(
    expect.arrayContaining([
      ["SELECT identities", 3],
      ["INSERT identities", 3],
    ]),
  );
  expect(below.every(({ traceId }) => traceId === request?.traceId)).toBe(true);
});

test("the hot paths past the router are traced too, and a path that nobody knows has no name", () => {
  expect(attributesOf(named("GET /api/v1/flags/")[0])).toMatchObject({ "http.route": "/api/v1/flags/" });
  const [lost] = named("GET");
  expect(attributesOf(lost)).toEqual({ "http.request.method": "GET", "http.response.status_code": 404 });
});

test("who is not sampled upstream is not here, and work for nobody is nobody's", () => {
  expect(collector.spans.filter(({ traceId }) => traceId.endsWith("319d"))).toEqual([]);
  expect(named("transaction")).toEqual([]);
});

test("nothing of whom it was about leaves the house, but whose it is does", () => {
  const all = collector.requests.map(({ text }) => text).join("");
  expect(all).not.toContain("secret-ana");
  expect(all).not.toContain("tracedKey");
  expect(all).not.toContain('"pro"');
  expect(all).toContain('"shop-flags"');
  expect(collector.requests[0]?.path).toBe("/v1/traces");
  expect(collector.requests[0]?.headers.get("x-team")).toBe("flags");
});

test("the program traces where the standard's variables say so, and goes on where nobody collects", async () => {
  const before = collector.spans.length;
  const server = await startTestServer({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, OTEL_SERVICE_NAME: "by-variable" },
  });
  expect((await fetch(`${server.url}/version/`)).status).toBe(200);
  expect(await server.stop()).toBe(0);
  expect(collector.spans.slice(before).map(({ name }) => name)).toContain("GET /version/");
  const alone = await startTestServer({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" } });
  expect((await fetch(`${alone.url}/version/`)).status).toBe(200);
  expect(await alone.stop()).toBe(0);
}, 30_000);

test("a wrong setting is one clear line", async () => {
  for (const [name, value] of [
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere"],
    ["OTEL_TRACES_SAMPLER_ARG", "2"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "no pairs"],
  ] as const) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", [name]: value };
    const { code, stderr } = await runBurgee(tmpdir(), ["serve"], env);
    expect([code, stderr.trimEnd().split("\n").length]).toEqual([1, 1]);
    expect(stderr).toContain(name);
  }
}, 30_000);
