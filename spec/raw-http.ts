/** Requests as bytes on a socket: what HTTP libraries tidy up or refuse to send (bodies on GET, odd escapes, broken headers) goes out as it is. */
import { connect, type Socket } from "node:net";

export interface RawRequest {
  readonly method?: string;
  /** Goes into the request line unchanged. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface RawResponse {
  readonly status: number;
  /** Names in lower case; a repeated header's values are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Thrown when the peer does not answer in time; the one thing no input may cause. */
class NoAnswer extends Error {}

const CRLF2 = Buffer.from("\r\n\r\n");

function readHead(head: string): Pick<RawResponse, "status" | "headers"> {
  const [first = "", ...lines] = head.split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { status: Number(first.split(" ")[1] ?? 0), headers };
}

function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.subarray(at, end).toString("latin1"), 16);
    if (end < 0 || !(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/** The answer in a connection's bytes; undefined when they hold no whole head. */
export function readResponse(bytes: Buffer): RawResponse | undefined {
  const end = bytes.indexOf(CRLF2);
  if (end < 0) return undefined;
  const { status, headers } = readHead(bytes.subarray(0, end).toString("latin1"));
  const rest = bytes.subarray(end + CRLF2.length);
  const body = headers["transfer-encoding"] === "chunked" ? unchunk(rest) : rest;
  return { status, headers, text: body.toString("utf8") };
}

export interface Exchange {
  /** Everything received until the connection ended. */
  readonly bytes: Buffer;
  /** Whether it ended because of `timeoutMs`. */
  readonly isLate: boolean;
}

/** Opens a connection, lets `talk` write to it, and collects what comes back until it ends or `timeoutMs` pass. */
export function exchange(port: number, talk: (socket: Socket) => void, timeoutMs = 10_000): Promise<Exchange> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1" });
    const done = (isLate: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ bytes: Buffer.concat(chunks), isLate });
    };
    const timer = setTimeout(() => done(true), timeoutMs);
    socket.on("connect", () => talk(socket));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("close", () => done(false));
    // A reset after the answer is how a server refuses an upload that it will not read.
    socket.on("error", () => done(false));
  });
}

function requestBytes({ method = "GET", path, headers = {}, body }: RawRequest): Buffer {
  const payload = body === undefined ? undefined : Buffer.from(body as string);
  const lower = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const lines = [`${method} ${path} HTTP/1.1`];
  if (!lower.has("host")) lines.push("Host: localhost");
  if (!lower.has("connection")) lines.push("Connection: close");
  if (payload && !lower.has("content-length") && !lower.has("transfer-encoding")) {
    lines.push(`Content-Length: ${payload.byteLength}`);
  }
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "utf8");
  return payload ? Buffer.concat([head, payload]) : head;
}

/** One request on a connection of its own. */
export async function send(port: number, request: RawRequest, timeoutMs = 10_000): Promise<RawResponse> {
  const { bytes, isLate } = await exchange(port, (socket) => socket.write(requestBytes(request)), timeoutMs);
  if (isLate) throw new NoAnswer(`no answer within ${timeoutMs} ms to ${request.method ?? "GET"} ${request.path}`);
  const response = readResponse(bytes);
  if (!response)
    throw new Error(
      `no HTTP answer to ${request.method ?? "GET"} ${request.path}: ${bytes.toString("latin1").slice(0, 200)}`,
    );
  return response;
}
