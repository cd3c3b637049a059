import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { createTestApp, type TestApp } from "../testing/index.ts";
import { readSite } from "./site.ts";

const SCRIPT = "console.log('hello');".repeat(50);
const html = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const folder = mkdtempSync(join(tmpdir(), "burgee-site-"));
let app: TestApp;

beforeAll(async () => {
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), '<meta property="csp-nonce" nonce="BURGEE_NONCE"><div id="root"></div>');
  writeFileSync(join(folder, "assets", "main-1a2b3c4d.js"), SCRIPT);
  writeFileSync(join(folder, "assets", "main-1a2b3c4d.js.br"), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, "assets", "main-1a2b3c4d.js.gz"), gzipSync(SCRIPT));
  writeFileSync(join(folder, "icon.svg"), "<svg/>");
  app = await createTestApp({ site: readSite(folder) });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });

describe("the dashboard's page", () => {
  test("is served at / and at every address of its own, never kept, with a policy that runs no foreign script", async () => {
    for (const path of ["/", "/login", "/projects/1/environments/key/features", "/setup/some-token"]) {
      const answer = await get(path, html);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("cache-control")).toContain("no-store");
      expect(answer.headers.get("x-frame-options")).toBe("DENY");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
    }
  });

  test("carries a nonce of its own in each answer, the one that its policy names", async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const answer = await get("/", html);
        const nonce = /nonce="([^"]+)"/.exec(await answer.text())?.[1] ?? "none";
        expect(answer.headers.get("content-security-policy")).toContain(`'nonce-${nonce}'`);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
    expect(nonces).not.toContain("BURGEE_NONCE");
  });

  test("is not what machines get: unknown addresses of the API stay JSON, and so does what no browser asks for", async () => {
    for (const [path, headers] of [
      ["/api/v1/no-such-thing/", html],
      ["/api/auth/no-such-thing", html],
      ["/ofrep/v1/no-such-thing", html],
      ["/proxy/no-such-thing", html],
      ["/assets/gone-00000000.js", html],
      ["/login", {}],
      ["/no-such-thing", { Accept: "application/json" }],
    ] as const) {
      const answer = await get(path, headers);
      expect([path, answer.status, answer.headers.get("content-type")?.includes("html") ?? false]).toEqual([
        path,
        404,
        false,
      ]);
    }
    const posted = await app.request("/login", { method: "POST", headers: html });
    expect(posted.status).toBe(404);
  });

  test("takes no path from the API: health, version and flags answer as before", async () => {
    for (const path of ["/health/", "/version/", "/api/v1/flags/", "/api/v1/docs/", "/metrics"]) {
      expect([path, (await (await get(path, html)).text()).includes('id="root"')]).toEqual([path, false]);
    }
  });
});

describe("the dashboard's files", () => {
  test("are kept for ever where their name holds a hash, and asked for again where it does not", async () => {
    const script = await get("/assets/main-1a2b3c4d.js");
    expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect((await get("/icon.svg")).headers.get("cache-control")).toBe("no-cache");
  });

  test("come as compressed as the browser can read them", async () => {
    const asked = async (encoding: string) => {
      const answer = await get("/assets/main-1a2b3c4d.js", { "Accept-Encoding": encoding });
      expect(answer.headers.get("vary")).toBe("Accept-Encoding");
      return { encoding: answer.headers.get("content-encoding"), bytes: Buffer.from(await answer.arrayBuffer()) };
    };
    const br = await asked("gzip, deflate, br, zstd");
    expect([br.encoding, brotliDecompressSync(br.bytes).toString()]).toEqual(["br", SCRIPT]);
    const gzip = await asked("gzip, br;q=0");
    expect([gzip.encoding, gunzipSync(gzip.bytes).toString()]).toEqual(["gzip", SCRIPT]);
    const plain = await asked("identity");
    expect([plain.encoding, plain.bytes.toString()]).toEqual([null, SCRIPT]);
  });

  test("lie in their folder only: no path leads out of it", async () => {
    for (const path of ["/assets/../../package.json", "/..%2f..%2fpackage.json", "/assets/%2e%2e/index.html"]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });
});

describe("without a build", () => {
  test("there is no site, and / says that the server runs", async () => {
    expect(readSite(join(folder, "nowhere"))).toBeUndefined();
    const bare = await createTestApp();
    try {
      expect(await (await bare.request("/", { headers: html })).text()).toStartWith("Burgee is running.");
      expect((await bare.request("/login", { headers: html })).status).toBe(404);
    } finally {
      await bare.close();
    }
  });
});
