/** Abuse below the level of requests: broken HTTP, uploads that stall, lie or vanish. Others are served meanwhile, and nothing is stored. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
import { exchange, readResponse, send } from "./raw-http.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";

const IDLE_SECONDS = 2;

let served: ServedApp;
beforeAll(async () => {
  served = await serveTestApp({ idleTimeout: IDLE_SECONDS });
  await served.importDocument(buildDocument({ features: [{ name: "on", enabled: true }] }), serverKey());
});
afterAll(() => served.close());

const rows = () => served.db.kysely.selectFrom("identities").select(["identifier", "traits"]).orderBy("id").execute();
let before: unknown;
beforeEach(async () => {
  before = await rows();
});

const isAlive = async () =>
  (await send(served.port, { path: "/api/v1/flags/", headers: { "X-Environment-Key": clientKey() } })).status === 200;

const key = `X-Environment-Key: ${clientKey()}`;
const json = "Content-Type: application/json";
const body = '{"identifier":"smuggled"}';
const post = (...lines: string[]) =>
  ["POST /api/v1/identities/ HTTP/1.1", "Host: x", key, json, ...lines, "", ""].join("\r\n");
const get = (...lines: string[]) =>
  ["GET /api/v1/flags/ HTTP/1.1", "Host: x", "Connection: close", key, ...lines, "", ""].join("\r\n");

/** The first answer to these bytes; 0 where the connection was cut without one. */
async function statusOf(bytes: string | Uint8Array, timeoutMs = 8000): Promise<number> {
  const { bytes: answer, isLate } = await exchange(served.port, (socket) => socket.write(bytes), timeoutMs);
  if (isLate) throw new Error(`neither answered nor cut: ${String(bytes).slice(0, 200)}`);
  return readResponse(answer)?.status ?? 0;
}

describe("broken HTTP is refused or cut, and stores nothing", () => {
  const broken: Readonly<Record<string, string | Uint8Array>> = {
    "no HTTP": "hello\r\n\r\n",
    "a TLS greeting": new Uint8Array([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, ...Array(64).fill(0)]),
    zeros: new Uint8Array(1000),
    "an empty line first": `\r\n\r\n${"\r\n".repeat(100)}`,
    "no version": "GET /api/v1/flags/\r\n\r\n",
    "an unknown version": get().replace("HTTP/1.1", "HTTP/9.9"),
    "no host": get().replace("Host: x\r\n", ""),
    "an unknown method": get().replace("GET", "FOO"),
    "a space in the path": get().replace("/flags/", "/fl ags/"),
    "a NUL in the path": get().replace("/flags/", "/fl\0ags/"),
    "a header without a colon": get("nonsense"),
    "a header without a name": get(": x"),
    "a folded header": get("X-Folded: a\r\n b"),
    "a control character in a header": get("X-Control: \x01\x7f"),
    "a header of 100 kB": get(`X-Long: ${"x".repeat(100_000)}`),
    "a path of 100 kB": get().replace("/flags/", `/flags/${"x".repeat(100_000)}`),
    "a thousand headers": get(...Array.from({ length: 1000 }, (_, i) => `X-Many-${i}: 1`)),
    "a length that is no number": `${post("Content-Length: abc")}${body}`,
    "a negative length": `${post("Content-Length: -1")}${body}`,
    "two lengths": `${post("Content-Length: 5", `Content-Length: ${body.length}`)}${body}`,
    "a length and chunks": `${post(`Content-Length: ${body.length}`, "Transfer-Encoding: chunked")}0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    "chunks that are none": `${post("Transfer-Encoding: chunked", "Connection: close")}zz\r\n${body}\r\n0\r\n\r\n`,
    "a chunk of endless size": `${post("Transfer-Encoding: chunked", "Connection: close")}FFFFFFFFFFFFFFFFFF\r\n${body}`,
    "an unknown transfer encoding": `${post("Transfer-Encoding: gzip", "Connection: close")}${body}`,
    "ten gigabytes announced": `${post("Content-Length: 10000000000", "Connection: close")}${body}`,
    "a compressed body": `${post(`Content-Length: ${body.length}`, "Content-Encoding: gzip", "Content-Type: application/x-gzip", "Connection: close")}${body}`,
  };
  const endless: Readonly<Record<string, string>> = {
    "chunks without an end": `${post("Transfer-Encoding: chunked", "Connection: close")}5\r\n{"ide`,
    "less than was announced": `${post("Content-Length: 1000", "Connection: close")}${body}`,
    "an announced body that never comes": post("Content-Length: 100", "Connection: close"),
  };

  test.each(Object.entries(broken))(
    "%s",
    async (_, bytes) => {
      // 505 is the right answer to what follows the path of a broken request line.
      expect([0, 400, 404, 411, 413, 414, 415, 431, 501, 505]).toContain(await statusOf(bytes));
      expect(await isAlive()).toBe(true);
      expect(await rows()).toEqual(before as never);
    },
    30_000,
  );

  test("bodies that never end are cut", async () => {
    expect(await Promise.all(Object.values(endless).map((bytes) => statusOf(bytes)))).toEqual([0, 0, 0]);
    expect(await rows()).toEqual(before as never);
  }, 30_000);
});

describe("odd but sound HTTP is answered", () => {
  test("a body in chunks, however cut", async () => {
    const text = '{"identifier":"chunked-😀","traits":[]}';
    const bytes = Buffer.from(text);
    const parts = [...bytes].map((byte) =>
      Buffer.concat([Buffer.from("1\r\n"), Buffer.from([byte]), Buffer.from("\r\n")]),
    );
    const chunked = Buffer.concat([
      Buffer.from(post("Transfer-Encoding: chunked", "Connection: close")),
      ...parts,
      Buffer.from("0\r\n\r\n"),
    ]);
    expect(await statusOf(chunked)).toBe(200);
    expect((await rows()).map((row) => row.identifier)).toContain("chunked-😀");
  });

  test("chunks past the limit are refused", async () => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const { bytes, isLate } = await exchange(served.port, (socket) => {
      socket.write(post("Transfer-Encoding: chunked", "Connection: close"));
      for (let i = 0; i < 40; i += 1) socket.write(chunk);
      socket.write("0\r\n\r\n");
    });
    expect(isLate).toBe(false);
    expect([0, 413]).toContain(readResponse(bytes)?.status ?? 0);
  });

  test("two requests on one connection are two answers, in order", async () => {
    const first = `GET /api/v1/flags/ HTTP/1.1\r\nHost: x\r\n${key}\r\n\r\n`;
    const second = "GET /health/liveness/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const { bytes } = await exchange(served.port, (socket) => socket.write(first + second));
    const text = bytes.toString("utf8");
    expect(text.match(/HTTP\/1\.1 200/g)?.length).toBe(2);
    expect(text.indexOf('"on"')).toBeLessThan(text.indexOf('{"status":"ok"}'));
  });

  test("a request inside a body is a body", async () => {
    const inner = `POST /api/v1/identities/ HTTP/1.1\r\nHost: x\r\n${key}\r\n${json}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const outer = `${post(`Content-Length: ${Buffer.byteLength(inner)}`, "Connection: close")}${inner}`;
    const { bytes } = await exchange(served.port, (socket) => socket.write(outer));
    expect(bytes.toString("utf8").match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400"]);
    expect(await rows()).toEqual(before as never);
  });

  test("HTTP/1.0 and an absolute address", async () => {
    expect(await statusOf(get().replace("HTTP/1.1", "HTTP/1.0"))).toBe(200);
    expect(await statusOf(get().replace("GET /", "GET http://elsewhere.example/"))).toBe(200);
  });

  test("Expect: 100-continue", async () => {
    const { bytes } = await exchange(served.port, (socket) => {
      socket.write(post(`Content-Length: ${body.length}`, "Expect: 100-continue", "Connection: close"));
      setTimeout(() => socket.write(body.replace("smuggled", "expected")), 100);
    });
    expect(bytes.toString("utf8")).toContain("HTTP/1.1 200");
  });
});

describe("uploads", () => {
  const text = JSON.stringify({ identifier: "upload", traits: [{ trait_key: "a", trait_value: "x".repeat(100) }] });
  const head = post(`Content-Length: ${text.length}`, "Connection: close");

  test("one that is aborted at any point stores nothing", async () => {
    for (const sent of [0, 1, 10, text.length - 1]) {
      await exchange(served.port, (socket) => {
        socket.write(head + text.slice(0, sent));
        setTimeout(() => socket.destroy(), 30);
      });
    }
    expect(await isAlive()).toBe(true);
    expect(await rows()).toEqual(before as never);
  });

  test("one that stalls is cut, one that dribbles within its time is read", async () => {
    const started = Date.now();
    const stalled = exchange(served.port, (socket) => socket.write(head + text.slice(0, 20)), 20_000);
    const dribbled = exchange(served.port, (socket) => {
      socket.write(head);
      const step = Math.ceil(text.length / 8);
      for (let i = 0; i < 8; i += 1) setTimeout(() => socket.write(text.slice(i * step, (i + 1) * step)), i * 100);
    });
    expect(readResponse((await dribbled).bytes)?.status).toBe(200);
    expect((await stalled).isLate).toBe(false);
    expect(Date.now() - started).toBeLessThan((IDLE_SECONDS + 6) * 1000);
    expect((await rows()).map((row) => row.identifier)).toContain("upload");
  }, 30_000);

  test("three hundred that stall keep nobody waiting", async () => {
    const sockets: Socket[] = [];
    for (let i = 0; i < 300; i += 1) {
      const socket = connect({ port: served.port, host: "127.0.0.1" });
      socket.on("error", () => undefined);
      socket.write(i % 2 === 0 ? head + text.slice(0, 10) : "GET /api/v1/fl");
      sockets.push(socket);
    }
    await Bun.sleep(200);
    const started = Date.now();
    for (let i = 0; i < 20; i += 1) expect(await isAlive()).toBe(true);
    expect(Date.now() - started).toBeLessThan(2000);
    for (const socket of sockets) socket.destroy();
  });

  test("a client that leaves before the answer disturbs nobody", async () => {
    for (let i = 0; i < 50; i += 1) {
      const socket = connect({ port: served.port, host: "127.0.0.1" });
      socket.on("error", () => undefined);
      socket.write(head + text, () => socket.destroy());
    }
    await Bun.sleep(100);
    expect(await isAlive()).toBe(true);
  });
});
