import { afterAll, expect, test } from "bun:test";
import { postGuarded } from "./guarded-post.ts";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  reusePort: false,
  fetch: async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") await Bun.sleep(2_000);
    if (pathname === "/endless")
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue("x".repeat(500)) }));
    return new Response(await request.text(), { status: 201 });
  },
});
afterAll(() => server.stop(true));

const post = (path: string, more: Partial<Parameters<typeof postGuarded>[0]> = {}) =>
  postGuarded({
    url: `http://127.0.0.1:${server.port}${path}`,
    body: "ünïcode",
    headers: { "Content-Type": "text/plain" },
    timeoutMs: 300,
    allowPrivate: true,
    ...more,
  });

test("sends the body and reads the beginning of the answer", async () => {
  expect(await post("/")).toEqual({ status: 201, body: "ünïcode" });
  const endless = await post("/endless");
  expect([endless.status, endless.body.length]).toEqual([200, 1000]);
});

test("waits no longer than it was told", async () => {
  await expect(post("/slow")).rejects.toThrow("No answer within 0.3 seconds.");
});

test("looks at where a name leads, not at the name", async () => {
  // A public-looking name that resolvers answer with this machine's address cannot be had here; an address that is written out can.
  await expect(post("/", { allowPrivate: false })).rejects.toThrow("own network");
  await expect(post("/", { allowPrivate: false, url: "http://nowhere.invalid./" })).rejects.toThrow();
});
