import { afterEach, expect, test } from "bun:test";
import { connect } from "node:net";
import { lateBody } from "./late-body.ts";
import { type RunningServer, serve } from "./serve.ts";

let server: RunningServer | undefined;

afterEach(async () => {
  await server?.stop(0);
  server = undefined;
});

const HEADERS = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`X-Header-${index}`, "value"]));

/** Answers once its turn of the event loop is over. */
function start(body: () => string | ReadableStream): number {
  const fetch = async () => {
    await Bun.sleep(1);
    return new Response(body(), { headers: HEADERS });
  };
  server = serve({ hostname: "127.0.0.1", port: 0, fetch });
  return server.port;
}

/** What a client reads at first of an answer. */
const firstPiece = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    socket.once("data", (piece) => {
      resolve(piece.toString("latin1"));
      socket.destroy();
    });
    socket.once("error", reject);
  });

test("a late answer says its length and keeps its text, short or long, in any script", async () => {
  for (const text of [
    "",
    "short",
    "a".repeat(15_359),
    "a".repeat(15_360),
    "é".repeat(20_000),
    "日本🏁".repeat(30_000),
  ]) {
    const port = start(() => lateBody(text));
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
    expect(await answer.text()).toBe(text);
    await server?.stop(0);
  }
});

test("a long late answer's headers leave with its body, in one piece", async () => {
  const port = start(() => lateBody("a".repeat(30_000)));
  for (let round = 0; round < 20; round += 1) {
    const [head = "", body = ""] = (await firstPiece(port)).split("\r\n\r\n");
    expect(head).toContain("X-Header-8: value");
    expect(body).toStartWith("aaa");
  }
});

test("callers that leave while they wait harm nobody", async () => {
  const text = "a".repeat(100_000);
  const port = start(() => lateBody(text));
  const leave = async (delay: number) => {
    const leaving = new AbortController();
    const answer = fetch(`http://127.0.0.1:${port}/`, { signal: leaving.signal });
    await Bun.sleep(delay);
    leaving.abort();
    await answer.then((found) => found.text()).catch(() => {});
  };
  await Promise.all(Array.from({ length: 200 }, (_, index) => leave(index % 5)));
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(text);
});

test("an answer that is never sent can be read and copied", async () => {
  const text = JSON.stringify({ list: Array.from({ length: 5000 }, (_, index) => index) });
  const answer = new Response(lateBody(text));
  const copy = answer.clone();
  expect(await answer.json()).toEqual(JSON.parse(text));
  expect(await copy.text()).toBe(text);
});
