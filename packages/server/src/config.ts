/** The only file that reads the process environment. A wrong value is one clear line, before anything is opened. */
import { dirname, join } from "node:path";

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  /** Where generated secrets live; next to the SQLite file unless said otherwise. */
  readonly dataFolder: string;
  readonly publicUrl: string;
  readonly logLevel: LogLevel;
  /** Bytes a request body may have. */
  readonly bodyLimit: number;
  /** Bytes of a file of identities that is imported. */
  readonly importLimit: number;
  /** Seconds after which an event stream is closed so that its client reconnects. */
  readonly streamSeconds: number;
  /** Event streams that may be open at once; undefined = as many as leave room for other files. */
  readonly maxStreams: number | undefined;
  /** undefined = none are made. */
  readonly traces: TraceConfig | undefined;
  /** Milliseconds that running requests get after SIGTERM. */
  readonly drainMs: number;
  /** PostgreSQL: whether statements are prepared; off behind a proxy that pools by transaction. */
  readonly prepare: boolean;
  /** PostgreSQL: connections of the query builder. */
  readonly poolSize: number;
  /** PostgreSQL: a way past such a proxy, for listening; "" = the database's own URL. */
  readonly listenUrl: string;
  /** Signs and encrypts; undefined = made once and kept in the data folder. */
  readonly secret: string | undefined;
  readonly openSignUp: boolean;
  readonly oidc: OidcConfig | undefined;
  /** undefined = no mail server: the operator hands links over. */
  readonly mail: MailConfig | undefined;
  /** Proxies in front that write X-Forwarded-For. */
  readonly trustedProxies: number;
  /** Webhooks may go to addresses of this machine and of private networks. */
  readonly privateWebhooks: boolean;
  /** Whether this process sends what webhooks are to be told; others may. */
  readonly deliverWebhooks: boolean;
  /** Days that what was sent is kept. */
  readonly webhookDays: number;
}

/** Named as OpenTelemetry names them. */
export interface TraceConfig {
  /** Where traces are posted. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** Of those that nobody upstream has decided about; 0 to 1. */
  readonly share: number;
}

export interface MailConfig {
  readonly url: string;
  readonly from: string;
}

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly signUp: boolean;
  readonly trustEmail: boolean;
}

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Its message is shown to a person as it is. */
export class ConfigError extends Error {}

const DEFAULT_DATABASE = "sqlite:./data/burgee.db";

function integer(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined || text === "") return fallback;
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ConfigError(`${name}: "${text}" is not a whole number from ${min} to ${max}.`);
}

function databaseUrl(text: string | undefined): string {
  const url = text || DEFAULT_DATABASE;
  if (/^sqlite:.+/.test(url) || /^postgres(ql)?:\/\/.+/.test(url)) return url;
  throw new ConfigError(
    `BURGEE_DATABASE_URL: "${url.replace(/:\/\/.*/, "://…")}" is neither sqlite:PATH nor postgres://….`,
  );
}

function hostName(text: string | undefined): string {
  const host = text || "127.0.0.1";
  if (/^\[?[\w.:%-]+\]?$/.test(host)) return host;
  throw new ConfigError(`BURGEE_HOST: "${host}" is neither an address nor a name.`);
}

function publicUrl(text: string | undefined, host: string, port: number): string {
  const isHere = ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host);
  const name = isHere ? "localhost" : /^[^[].*:/.test(host) ? `[${host}]` : host;
  const url = text || `http://${name}:${port}`;
  if (URL.canParse(url) && /^https?:/.test(url)) return url.replace(/\/+$/, "");
  throw new ConfigError(`BURGEE_PUBLIC_URL: "${url}" is not an http(s) address.`);
}

function flag(name: string, text: string | undefined, fallback: boolean): boolean {
  if (text === undefined || text === "") return fallback;
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new ConfigError(`${name}: "${text}" is neither true nor false.`);
}

function listenUrl(text: string | undefined): string {
  if (!text || /^postgres(ql)?:\/\/.+/.test(text)) return text ?? "";
  throw new ConfigError("BURGEE_DATABASE_LISTEN_URL: not a postgres://… address.");
}

function logLevel(text: string | undefined): LogLevel {
  const level = (text || "info") as LogLevel;
  if (LOG_LEVELS.includes(level)) return level;
  throw new ConfigError(`BURGEE_LOG_LEVEL: "${text}" is not one of ${LOG_LEVELS.join(", ")}.`);
}

function secret(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (text.length >= 32) return text;
  throw new ConfigError("BURGEE_SECRET: it must have 32 characters or more; openssl rand -base64 32 makes one.");
}

type Environment = Readonly<Record<string, string | undefined>>;

function oidc(env: Environment): OidcConfig | undefined {
  const issuer = env["BURGEE_OIDC_ISSUER"];
  if (!issuer) return undefined;
  if (!URL.canParse(issuer) || !/^https?:/.test(issuer)) {
    throw new ConfigError(`BURGEE_OIDC_ISSUER: "${issuer}" is not an http(s) address.`);
  }
  const clientId = env["BURGEE_OIDC_CLIENT_ID"];
  const clientSecret = env["BURGEE_OIDC_CLIENT_SECRET"];
  if (!clientId || !clientSecret) {
    throw new ConfigError("BURGEE_OIDC_ISSUER needs BURGEE_OIDC_CLIENT_ID and BURGEE_OIDC_CLIENT_SECRET beside it.");
  }
  return {
    issuer,
    clientId,
    clientSecret,
    name: env["BURGEE_OIDC_NAME"] || "Single sign-on",
    scopes: (env["BURGEE_OIDC_SCOPES"] || "openid email profile").trim().split(/[\s,]+/),
    signUp: flag("BURGEE_OIDC_SIGN_UP", env["BURGEE_OIDC_SIGN_UP"], false),
    trustEmail: flag("BURGEE_OIDC_TRUST_EMAIL", env["BURGEE_OIDC_TRUST_EMAIL"], false),
  };
}

function mail(env: Environment): MailConfig | undefined {
  const url = env["BURGEE_SMTP_URL"];
  if (!url) return undefined;
  if (!URL.canParse(url) || !/^smtps?:\/\/[^/]/.test(url)) {
    throw new ConfigError("BURGEE_SMTP_URL: not smtp://USER:PASSWORD@HOST:PORT or smtps://….");
  }
  const from = env["BURGEE_MAIL_FROM"] || `Burgee <burgee@${new URL(url).hostname}>`;
  if (!/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/.test(from))
    throw new ConfigError(`BURGEE_MAIL_FROM: "${from}" holds no address.`);
  return { url, from };
}

/** `name=value,name2=value2`, values percent-encoded. */
function traceHeaders(text: string): Record<string, string> {
  const pairs = text.split(",").filter((pair) => pair.trim() !== "");
  try {
    return Object.fromEntries(
      pairs.map((pair) => {
        const [name = "", ...rest] = pair.split("=");
        if (!/^[\w-]+$/.test(name.trim()) || rest.length === 0) throw new Error(name);
        return [name.trim(), decodeURIComponent(rest.join("=").trim())];
      }),
    );
  } catch {
    throw new ConfigError("OTEL_EXPORTER_OTLP_HEADERS: not name=value,name=value.");
  }
}

/** The standard's own variables, so that whoever runs collectors has nothing new to learn. */
function traces(env: Environment): TraceConfig | undefined {
  const base = env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  const url = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || (base && `${base.replace(/\/+$/, "")}/v1/traces`);
  if (!url || env["OTEL_SDK_DISABLED"] === "true" || env["OTEL_TRACES_EXPORTER"] === "none") return undefined;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new ConfigError(`OTEL_EXPORTER_OTLP_ENDPOINT: "${url}" is not an http(s) address.`);
  }
  const share = Number(env["OTEL_TRACES_SAMPLER_ARG"] || "1");
  if (!(share >= 0 && share <= 1)) {
    throw new ConfigError(`OTEL_TRACES_SAMPLER_ARG: "${env["OTEL_TRACES_SAMPLER_ARG"]}" is not a number from 0 to 1.`);
  }
  return {
    url,
    headers: traceHeaders(env["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] || env["OTEL_EXPORTER_OTLP_HEADERS"] || ""),
    serviceName: env["OTEL_SERVICE_NAME"] || "burgee",
    share,
  };
}

const KNOWN = new Set([
  "BURGEE_SMTP_URL",
  "BURGEE_MAIL_FROM",
  "BURGEE_OIDC_CLIENT_ID",
  "BURGEE_OIDC_CLIENT_SECRET",
  "BURGEE_OIDC_ISSUER",
  "BURGEE_OIDC_NAME",
  "BURGEE_OIDC_SCOPES",
  "BURGEE_OIDC_SIGN_UP",
  "BURGEE_OIDC_TRUST_EMAIL",
  "BURGEE_OPEN_SIGN_UP",
  "BURGEE_PRIVATE_WEBHOOKS",
  "BURGEE_TRUSTED_PROXIES",
  "BURGEE_WEBHOOKS",
  "BURGEE_WEBHOOK_DAYS",
  "BURGEE_HOST",
  "BURGEE_PORT",
  "BURGEE_DATABASE_LISTEN_URL",
  "BURGEE_DATABASE_POOL",
  "BURGEE_DATABASE_PREPARE",
  "BURGEE_DATABASE_URL",
  "BURGEE_DATA",
  "BURGEE_PUBLIC_URL",
  "BURGEE_LOG_LEVEL",
  "BURGEE_BODY_LIMIT",
  "BURGEE_IMPORT_LIMIT",
  "BURGEE_STREAM_SECONDS",
  "BURGEE_MAX_STREAMS",
  "BURGEE_DRAIN_MS",
  "BURGEE_SECRET",
]);

/** Warnings, not refusals: a setting of a newer release must not keep an older one from starting. */
export function unknownSettings(env: Environment = process.env): string[] {
  return Object.keys(env).filter((name) => name.startsWith("BURGEE_") && !KNOWN.has(name));
}

export function readConfig(env: Environment = process.env): Config {
  const host = hostName(env["BURGEE_HOST"]);
  const port = integer("BURGEE_PORT", env["BURGEE_PORT"], 8000, 0, 65535);
  const url = databaseUrl(env["BURGEE_DATABASE_URL"]);
  const path = url.startsWith("sqlite:") ? url.slice("sqlite:".length) : join("data", "burgee.db");
  return {
    host,
    port,
    databaseUrl: url,
    dataFolder: env["BURGEE_DATA"] || dirname(path),
    publicUrl: publicUrl(env["BURGEE_PUBLIC_URL"], host, port),
    logLevel: logLevel(env["BURGEE_LOG_LEVEL"]),
    bodyLimit: integer("BURGEE_BODY_LIMIT", env["BURGEE_BODY_LIMIT"], 1024 * 1024, 1024, 64 * 1024 * 1024),
    importLimit: integer("BURGEE_IMPORT_LIMIT", env["BURGEE_IMPORT_LIMIT"], 2 * 1024 ** 3, 1024, 64 * 1024 ** 3),
    streamSeconds: integer("BURGEE_STREAM_SECONDS", env["BURGEE_STREAM_SECONDS"], 30, 1, 3600),
    maxStreams: env["BURGEE_MAX_STREAMS"]
      ? integer("BURGEE_MAX_STREAMS", env["BURGEE_MAX_STREAMS"], 0, 0, 1_000_000)
      : undefined,
    traces: traces(env),
    prepare: flag("BURGEE_DATABASE_PREPARE", env["BURGEE_DATABASE_PREPARE"], true),
    poolSize: integer("BURGEE_DATABASE_POOL", env["BURGEE_DATABASE_POOL"], 10, 1, 200),
    listenUrl: listenUrl(env["BURGEE_DATABASE_LISTEN_URL"]),
    secret: secret(env["BURGEE_SECRET"]),
    openSignUp: flag("BURGEE_OPEN_SIGN_UP", env["BURGEE_OPEN_SIGN_UP"], false),
    oidc: oidc(env),
    mail: mail(env),
    trustedProxies: integer("BURGEE_TRUSTED_PROXIES", env["BURGEE_TRUSTED_PROXIES"], 0, 0, 10),
    privateWebhooks: flag("BURGEE_PRIVATE_WEBHOOKS", env["BURGEE_PRIVATE_WEBHOOKS"], false),
    deliverWebhooks: flag("BURGEE_WEBHOOKS", env["BURGEE_WEBHOOKS"], true),
    webhookDays: integer("BURGEE_WEBHOOK_DAYS", env["BURGEE_WEBHOOK_DAYS"], 14, 1, 365),
    drainMs: integer("BURGEE_DRAIN_MS", env["BURGEE_DRAIN_MS"], 5000, 0, 600_000),
  };
}

/** What opening the database takes of the settings. */
export const databaseOptions = ({ prepare, poolSize, listenUrl }: Config) => ({ prepare, poolSize, listenUrl });
