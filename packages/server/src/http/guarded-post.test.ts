import { afterAll, expect, test } from "bun:test";
import { postGuarded } from "./guarded-post.ts";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  reusePort: false,
  fetch: async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") await Bun.sleep(2_000);
    if (pathname === "/headers") {
      const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x-y${i}`, "z"]));
      return new Response("", { headers: { "X-Long": "l".repeat(1000), ...many } });
    }
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
  expect(await post("/")).toMatchObject({ status: 201, body: "ünïcode" });
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

const name = () => `http://hooks.example.com:${server.port}/`;
const here = [{ address: "127.0.0.1", family: 4 }];
const outside = [{ address: "93.184.216.34", family: 4 }];

test("goes to the address it looked at, though the name leads elsewhere a moment later", async () => {
  const answers = [outside, here];
  let asked = 0;
  const resolve = async () => answers[Math.min(asked++, 1)] ?? [];
  // The first answer is fine and is what is called; the second, this machine, never is.
  await expect(post("/", { url: name(), allowPrivate: false, resolve, timeoutMs: 150 })).rejects.toThrow();
  expect(asked).toBe(1);
  await expect(post("/", { url: name(), allowPrivate: false, resolve })).rejects.toThrow("own network");
  expect(await post("/", { url: name(), resolve })).toMatchObject({ status: 201 });
});

test("one private address among others is enough to refuse", async () => {
  for (const bad of ["10.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:192.168.1.1", "100.64.0.1", "169.254.169.254"]) {
    const resolve = async () => [...outside, { address: bad, family: bad.includes(":") ? 6 : 4 }];
    await expect(post("/", { url: name(), allowPrivate: false, resolve })).rejects.toThrow("own network");
  }
});

test("a name that nobody has is said to be one", async () => {
  const resolve = async () => Promise.reject(new Error("getaddrinfo ENOTFOUND hooks.example.com"));
  await expect(post("/", { url: name(), resolve })).rejects.toThrow("ENOTFOUND");
  await expect(post("/", { url: name(), resolve: async () => [] })).rejects.toThrow("nowhere");
});

test("tells the first headers of the answer, shortened", async () => {
  const { headers } = await post("/headers");
  expect(Object.keys(headers).length).toBeLessThanOrEqual(30);
  expect(headers["x-long"]).toHaveLength(300);
});
