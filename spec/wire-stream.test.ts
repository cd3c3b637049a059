/** The event stream, byte for byte: clients match prefixes, so what looks alike is not the same. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createChanges } from "../packages/server/src/changes/commit.ts";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
import { changeEnvironment } from "./configuration.ts";
import { type OpenStream, openStream } from "./event-stream.ts";
import { send } from "./raw-http.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";

let served: ServedApp;
const opened: OpenStream[] = [];
let clock = 1_800_000_000_000;

beforeAll(async () => {
  served = await serveTestApp({ now: () => clock, streamSeconds: 60, pollMs: 100 });
  const features = [{ name: "on", enabled: true }];
  await served.importDocument(buildDocument({ id: 1, features }), serverKey(1));
  await served.importDocument(
    buildDocument({ id: 2, features, project: { enable_realtime_updates: false } }),
    serverKey(2),
  );
  await served.importDocument(
    buildDocument({ id: 3, features, organisation: { stop_serving_flags: true } }),
    serverKey(3),
  );
});
afterAll(async () => {
  for (const stream of opened) stream.close();
  await served.close();
});

async function open(key: string, headers: Readonly<Record<string, string>> = {}, end = "stream"): Promise<OpenStream> {
  const stream = await openStream(`${served.url}/sse/environments/${key}/${end}`, headers);
  opened.push(stream);
  return stream;
}

const eventText = (millis: number) =>
  `event: environment_updated\ndata: {"updated_at": ${(millis / 1000).toFixed(6)}}\n\n`;
const isOpen = (text: string) => text.includes("environment_updated");
const withoutComments = (text: string) => text.replace(/^:.*\n\n/gm, "");

async function stampOf(id: number): Promise<string | undefined> {
  const { headers } = await send(served.port, {
    path: "/api/v1/flags/",
    headers: { "X-Environment-Key": clientKey(id) },
  });
  return headers["x-flagsmith-document-updated-at"];
}

describe("opening", () => {
  test("headers are those of an event stream that any page may read", async () => {
    const { response } = await open(clientKey(1));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("the first event is the current time, with a fraction even where it is a whole second", async () => {
    const stream = await open(clientKey(1));
    const text = await stream.until(isOpen);
    expect(withoutComments(text)).toBe('event: environment_updated\ndata: {"updated_at": 1800000000.000000}\n\n');
    expect(await stampOf(1)).toBe("1800000000.000000");
  });

  test("both slash forms and any Accept are fine", async () => {
    const accepts = [
      "text/event-stream",
      "application/json, text/event-stream",
      "text/event-stream, application/json",
      "*/*",
    ];
    for (const accept of accepts) {
      const stream = await open(clientKey(1), { Accept: accept, "X-Environment-Key": clientKey(1) }, "stream/");
      expect(stream.response.status).toBe(200);
      await stream.until(isOpen);
    }
  });

  test("a key that is unknown, a server's, or a stopped organisation's is a 404", async () => {
    for (const key of ["nobody", serverKey(1), clientKey(3), "%00", "%F0%9F%98%80"]) {
      const { response } = await open(key);
      expect(`${key} ${response.status}`).toBe(`${key} 404`);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
    }
  });
});

describe("events", () => {
  test("a change is one event, the same time as the header and the document", async () => {
    const stream = await open(clientKey(1));
    const before = await stream.until(isOpen);
    clock += 1234;
    await changeEnvironment(served.app.changes, 1);
    const text = await stream.until((now) => withoutComments(now.slice(before.length)) !== "");
    expect(withoutComments(text.slice(before.length))).toBe(eventText(clock));
    expect(await stampOf(1)).toBe((clock / 1000).toFixed(6));
    const { text: document } = await send(served.port, {
      path: "/api/v1/environment-document/",
      headers: { "X-Environment-Key": serverKey(1) },
    });
    expect(Date.parse(JSON.parse(document).updated_at)).toBe(clock);
  });

  test("a change of another connection to the database arrives too", async () => {
    const stream = await open(clientKey(1));
    const before = await stream.until(isOpen);
    clock += 5000;
    const elsewhere = createChanges({ db: served.db, clock: () => clock, publish: () => undefined });
    await changeEnvironment(elsewhere, 1);
    const text = await stream.until((now) => withoutComments(now.slice(before.length)) !== "");
    expect(withoutComments(text.slice(before.length))).toBe(eventText(clock));
  });

  test("an event never runs ahead of what a refetch gets", async () => {
    const stream = await open(clientKey(1));
    await stream.until(isOpen);
    for (let i = 0; i < 20; i += 1) {
      clock += 1000;
      const change = changeEnvironment(served.app.changes, 1);
      await stream.until((text) => text.includes(`updated_at": ${(clock / 1000).toFixed(6)}}`));
      expect(Number(await stampOf(1))).toBeGreaterThanOrEqual(clock / 1000);
      await change;
    }
  });

  test("traits, identities and other environments are no events", async () => {
    const stream = await open(clientKey(1));
    const before = await stream.until(isOpen);
    const headers = { "X-Environment-Key": clientKey(1), "Content-Type": "application/json" };
    const body = JSON.stringify({ identifier: "quiet", traits: [{ trait_key: "a", trait_value: 1 }] });
    expect((await send(served.port, { method: "POST", path: "/api/v1/identities/", headers, body })).status).toBe(200);
    await changeEnvironment(served.app.changes, 2);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(withoutComments(stream.text().slice(before.length))).toBe("");
  });

  test("a project without realtime updates has a stream without events", async () => {
    const stream = await open(clientKey(2));
    expect(stream.response.status).toBe(200);
    await stream.until((text) => text !== "");
    clock += 1000;
    await changeEnvironment(served.app.changes, 2);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(withoutComments(stream.text())).toBe("");
  });
});

describe("the end", () => {
  test("heartbeats are comments, and after its time a stream ends", async () => {
    const brief = await serveTestApp({ streamSeconds: 6 });
    await brief.importDocument(buildDocument({ id: 1 }), serverKey(1));
    const opened = Date.now();
    const stream = await openStream(`${brief.url}/sse/environments/${clientKey(1)}/stream`);
    await stream.ended;
    expect(Date.now() - opened).toBeGreaterThan(5500);
    expect(Date.now() - opened).toBeLessThan(12_000);
    const blocks = stream.text().split("\n\n");
    expect(blocks.pop()).toBe("");
    expect(blocks.filter((block) => block.startsWith("event: ")).length).toBe(1);
    const comments = blocks.filter((block) => !block.startsWith("event: "));
    // One each five seconds, not one at each of the ticks that many clients are spread over.
    expect(comments.filter((comment) => comment === ": ping").length).toBeOneOf([1, 2]);
    for (const comment of comments) expect(comment).toMatch(/^: [^\n]*$/);
    await brief.close();
  }, 20_000);

  test("a client that leaves is forgotten", async () => {
    const count = served.app.streams.count();
    const headers = await fetch(`${served.url}/sse/environments/${clientKey(1)}/stream`, { method: "HEAD" });
    expect([headers.status, headers.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(served.app.streams.count()).toBe(count);
    const stream = await open(clientKey(1));
    expect(served.app.streams.count()).toBe(count + 1);
    stream.close();
    for (let i = 0; i < 50 && served.app.streams.count() > count; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(served.app.streams.count()).toBe(count);
  });
});
