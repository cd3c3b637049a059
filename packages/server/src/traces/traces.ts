/**
 * OpenTelemetry traces of requests and what they do in the database. Only loaded where traces are switched on. No span holds what
 * a request was about: paths are patterns, and neither identifiers nor keys nor SQL values are in it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import type { TraceConfig } from "../config.ts";
import type { Awaitable, Db, HotLane } from "../db/database.ts";
import { isAppError } from "../errors.ts";
import type { RequestTracer } from "../request-tracer.ts";

export interface Traces extends RequestTracer {
  /** The same database, whose hot lane and commits are spans of the request that waits for them. */
  watch(db: Db): Db;
  /** Sends what is left. */
  close(): Promise<void>;
}

const W3C = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-|$)/;
const NOBODY = /^0+$/;
const EXPORT_LIMIT_MS = 5000;

/** What the caller says its trace is. */
function contextOf(request: Request): Context {
  const [, traceId, spanId, flags] = W3C.exec(request.headers.get("traceparent") ?? "") ?? [];
  if (!traceId || !spanId || NOBODY.test(traceId) || NOBODY.test(spanId)) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags ?? "0", 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function fail(span: Span, error: unknown): void {
  const code = isAppError(error) ? error.code : "internal";
  span.setAttribute("error.type", code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Ends the span when the work has, whichever way. */
function settle<Result>(span: Span, work: () => Awaitable<Result>): Awaitable<Result> {
  try {
    const result = work();
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    return result.then(
      (value) => {
        span.end();
        return value;
      },
      (error: unknown) => {
        fail(span, error);
        span.end();
        throw error;
      },
    );
  } catch (error) {
    fail(span, error);
    span.end();
    throw error;
  }
}

/** The verb and the table: "UPDATE identities". */
function operationOf(sql: string): string {
  const [, verb, table] =
    /^\s*(\w+)[\s\S]*?\b(?:FROM|INTO|UPDATE)\s+(\w+)/i.exec(sql) ?? /^\s*(UPDATE)\s+(\w+)/i.exec(sql) ?? [];
  return verb && table ? `${verb.toUpperCase()} ${table}` : "query";
}

export function startTraces(config: TraceConfig, version: string): Traces {
  const exporter = new OTLPTraceExporter({
    url: config.url,
    headers: { ...config.headers },
    timeoutMillis: EXPORT_LIMIT_MS,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": config.serviceName, "service.version": version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.share) }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer("burgee", version);
  const current = new AsyncLocalStorage<Context>();
  return {
    request: (request, route, handle) => traceRequest(tracer, current, request, route, handle),
    watch: (db) => watchDatabase(tracer, current, db),
    close: () => provider.shutdown(),
  };
}

function traceRequest(
  tracer: Tracer,
  current: AsyncLocalStorage<Context>,
  request: Request,
  route: () => string | undefined,
  handle: () => Awaitable<Response>,
): Awaitable<Response> {
  const parent = contextOf(request);
  const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER }, parent);
  if (!span.isRecording()) return current.run(trace.setSpan(parent, span), handle);
  span.setAttribute("http.request.method", request.method);
  const finish = (response: Response): Response => {
    const path = route();
    if (path !== undefined) {
      span.updateName(`${request.method} ${path}`);
      span.setAttribute("http.route", path);
    }
    span.setAttribute("http.response.status_code", response.status);
    if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    return response;
  };
  return current.run(trace.setSpan(parent, span), () =>
    settle(span, () => {
      const response = handle();
      return response instanceof Promise ? response.then(finish) : finish(response);
    }),
  );
}

function watchDatabase(tracer: Tracer, current: AsyncLocalStorage<Context>, db: Db): Db {
  const system = db.capabilities.multiNode ? "postgresql" : "sqlite";
  const span = <Result>(name: string, work: () => Awaitable<Result>): Awaitable<Result> => {
    const context = current.getStore();
    // Work that no request waits for is nobody's span.
    if (!context) return work();
    const attributes = { "db.system.name": system, "db.operation.name": name };
    return settle(tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, context), work);
  };
  const { lane } = db;
  const watched: HotLane = {
    get: (sql, parameters) => span(operationOf(sql), () => lane.get(sql, parameters)),
    all: (sql, parameters) => span(operationOf(sql), () => lane.all(sql, parameters)),
    write: async (sql, parameters) => span(operationOf(sql), () => lane.write(sql, parameters)),
  };
  const kysely = new Proxy(db.kysely, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target);
      if (property === "transaction") return () => watchTransaction(target.transaction(), span);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...db, lane: watched, kysely };
}

type Transaction = ReturnType<Db["kysely"]["transaction"]>;

/** A transaction is one span, from asking for it to its commit. */
function watchTransaction(
  builder: Transaction,
  span: <Result>(name: string, work: () => Awaitable<Result>) => Awaitable<Result>,
): Transaction {
  return new Proxy(builder, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== "execute") return typeof value === "function" ? value.bind(target) : value;
      return async (work: Parameters<Transaction["execute"]>[0]) => span("transaction", () => target.execute(work));
    },
  });
}
