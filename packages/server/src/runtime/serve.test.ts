import { afterEach, expect, test } from "bun:test";
import { type RunningServer, type ServeOptions, serve } from "./serve.ts";

let running: RunningServer[] = [];

function start(options: Partial<ServeOptions> & Pick<ServeOptions, "fetch">): string {
  const server = serve({ hostname: "127.0.0.1", port: 0, ...options });
  running.push(server);
  return `http://127.0.0.1:${server.port}`;
}

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop(0)));
  running = [];
});

test("exact routes answer before fetch does", async () => {
  const url = start({ fetch: () => new Response("fetch"), routes: { "/hot": () => new Response("hot") } });
  expect(await (await fetch(`${url}/hot`)).text()).toBe("hot");
  expect(await (await fetch(`${url}/other`)).text()).toBe("fetch");
});

test("a second server on the same port is refused", () => {
  const url = start({ fetch: () => new Response("first") });
  const port = Number(new URL(url).port);
  expect(() => serve({ hostname: "127.0.0.1", port, fetch: () => new Response("second") })).toThrow();
});

test("an error's text stays inside and is reported", async () => {
  const errors: unknown[] = [];
  const url = start({
    fetch: () => {
      throw new Error("secret");
    },
    onError: (error) => errors.push(error),
  });
  const response = await fetch(url);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ detail: "Internal server error." });
  expect(String(errors[0])).toContain("secret");
});

test("a body over the limit is answered 413", async () => {
  const url = start({ fetch: async (request) => new Response(await request.text()), maxRequestBodySize: 1000 });
  expect((await fetch(url, { method: "POST", body: "x".repeat(1000) })).status).toBe(200);
  expect((await fetch(url, { method: "POST", body: "x".repeat(1001) })).status).toBe(413);
});

test("stop lets a running request end", async () => {
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async () => {
      await Bun.sleep(200);
      return new Response("done");
    },
  });
  const answer = fetch(`http://127.0.0.1:${server.port}`).then((response) => response.text());
  await Bun.sleep(50);
  await server.stop(5_000);
  expect(await answer).toBe("done");
});

test("stop cuts an endless stream after the grace period", async () => {
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (_request, connection) => {
      connection.setTimeout(0);
      return new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
        }),
      );
    },
  });
  const response = await fetch(`http://127.0.0.1:${server.port}`);
  await response.body?.getReader().read();
  const started = performance.now();
  await server.stop(200);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("the peer's address is known", async () => {
  const url = start({ fetch: (_request, connection) => new Response(connection.address()) });
  expect(await (await fetch(url)).text()).toBe("127.0.0.1");
});

test("an address has room for an identifier of 2,000 characters, and an end", async () => {
  const url = start({ fetch: (request) => new Response(String(request.url.length - url.length)) });
  const path = `/${encodeURIComponent("😀".repeat(2_000))}`;
  expect(await (await fetch(url + path)).text()).toBe(String(path.length));
  expect((await fetch(`${url}/${"x".repeat(80_000)}`)).status).toBe(431);
});
