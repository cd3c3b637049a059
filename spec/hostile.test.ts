/**
 * Hostile requests on every runtime route: no 500, no hang, refusals in the documented words, and nothing stored of what was refused.
 * FUZZ_RUNS and FUZZ_SEED in the environment make it longer or other than the quick, repeatable run that everybody gets.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { databaseName } from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
import { isDocumentedError } from "./documented-error.ts";
import { bodies, bodiesFor, contentTypes, oddParts } from "./hostile-input.ts";
import { type RawRequest, type RawResponse, send } from "./raw-http.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";
import { flagRows } from "./wire-case.ts";

const LIMIT_MS = 4000;
const runs = Number(process.env["FUZZ_RUNS"] ?? 100);
const parameters = {
  seed: Number(process.env["FUZZ_SEED"] ?? 20_260),
  numRuns: runs,
  interruptAfterTimeLimit: runs > 100 ? 3_600_000 : 25_000,
};

let served: ServedApp;
beforeAll(async () => {
  served = await serveTestApp();
  const names = ["on", "__proto__", "constructor", "toString", "hasOwnProperty", "Ünï 😀"];
  await served.importDocument(
    buildDocument({
      features: names.map((name) => ({ name, enabled: true, value: name })),
      segments: ["__proto__", "constructor", "toString", "valueOf"].map((property) => ({
        name: property,
        conditions: [{ property, operator: "IS_SET", value: null }],
        overrides: [{ feature: "on", enabled: false, value: property }],
      })),
    }),
    serverKey(),
  );
});
afterAll(() => served.close());

/** All identities and usage as one text: refusals must leave it as it was. */
async function stored(): Promise<string> {
  const { kysely } = served.db;
  const identities = await kysely
    .selectFrom("identities")
    .select(["identifier", "traits", "id"])
    .orderBy("id")
    .execute();
  const usage = await kysely.selectFrom("feature_usage").selectAll().execute();
  return JSON.stringify([identities, usage]);
}

function expectDocumented(request: RawRequest, response: RawResponse): void {
  const what = `${request.method ?? "GET"} ${request.path}: ${response.status} ${response.text.slice(0, 300)}`;
  if (response.status >= 500) throw new Error(what);
  if (response.status >= 400 && request.method !== "HEAD" && !isDocumentedError(response))
    throw new Error(`undocumented: ${what}`);
  if (response.status >= 300 && response.status < 400) throw new Error(`redirect: ${what}`);
}

/** One request; what it must not do in any case is checked here. */
async function attempt(request: RawRequest): Promise<RawResponse> {
  const before = await stored();
  const response = await send(served.port, request, LIMIT_MS);
  expectDocumented(request, response);
  // That one is about the flag that was asked for; the identity is created by contract.
  const isRefusal = response.status >= 400 && !response.text.includes("Given feature not found");
  if (isRefusal && (await stored()) !== before) {
    throw new Error(`stored in spite of ${response.status}: ${request.path} ${String(request.body).slice(0, 500)}`);
  }
  return response;
}

const keyed = (key = clientKey()) => ({ "X-Environment-Key": key });

describe("bodies", () => {
  for (const path of Object.keys(bodiesFor)) {
    const method = path.endsWith("/bulk/") ? "PUT" : "POST";
    test(`${method} ${path}`, async () => {
      const statuses = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(bodies(path), contentTypes, fc.boolean(), async (body, type, isServer) => {
          const headers = {
            ...keyed(isServer ? serverKey() : clientKey()),
            ...(type === undefined ? {} : { "Content-Type": type }),
          };
          const { status } = await attempt({ method, path, headers, body });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }),
        parameters,
      );
      // Both happened, or the input is no test.
      expect((statuses.get(200) ?? 0) + (statuses.get(204) ?? 0)).toBeGreaterThan(runs / 20);
      expect(statuses.get(400) ?? 0).toBeGreaterThan(runs / 20);
    });
  }

  test("whatever was accepted can be read back, as arrays of known shape", async () => {
    const rows = await served.db.kysely.selectFrom("identities").select(["identifier", "traits"]).execute();
    expect(rows.length).toBeGreaterThan(10);
    for (const { identifier, traits } of rows) {
      const path = `/api/v1/identities/?identifier=${encodeURIComponent(identifier)}`;
      const response = await send(served.port, { path, headers: keyed() }, LIMIT_MS);
      expect(response.status).toBe(200);
      const answer = JSON.parse(response.text) as {
        identifier: string;
        traits: { trait_key: string; trait_value: unknown; transient: unknown }[];
        flags: unknown[];
      };
      expect(answer.identifier).toBe(identifier);
      expect(answer.flags.length).toBe(6);
      expect(answer.traits.map((trait) => trait.trait_key).sort()).toEqual(Object.keys(JSON.parse(traits)).sort());
      for (const trait of answer.traits) {
        expect(["string", "number", "boolean"]).toContain(typeof trait.trait_value);
        expect(trait.transient).toBe(false);
      }
    }
  });

  test("no prototype was touched", () => {
    for (const name of ["x", "a", "plan", "trait_key", "polluted"])
      expect(({} as Record<string, unknown>)[name]).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

const ROUTES = [
  "/api/v1/flags/",
  "/api/v1/flags/1001/multivariate-options/",
  "/api/v1/flags/somebody",
  "/api/v1/identities/?identifier=x",
  "/api/v1/identities/somebody/",
  "/api/v1/identities/somebody/traits/plan",
  "/api/v1/bulk-identities/",
  "/api/v1/traits/",
  "/api/v1/traits/bulk/",
  "/api/v1/traits/increment-value/",
  "/api/v1/environment-document/",
  "/api/v1/analytics/flags/",
  "/api/v2/analytics/flags/",
  "/health",
  "/health/liveness/",
  "/version/",
  "/sse/environments/nobody/stream",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

describe("methods", () => {
  test.each(ROUTES)("%s with every method, with and without a key and a body", async (path) => {
    for (const method of METHODS) {
      for (const headers of [{}, keyed(), keyed(serverKey()), keyed("nobody")]) {
        for (const body of [undefined, "{}", "[", "null"]) {
          const request = {
            method,
            path,
            headers: { ...headers, "Content-Type": "application/json" },
            ...(body === undefined ? {} : { body }),
          };
          const response = await send(served.port, request, LIMIT_MS);
          expectDocumented(request, response);
        }
      }
    }
  });
});

describe("addresses", () => {
  test("odd parts anywhere in a path", async () => {
    const prefixes = [
      "/",
      "/api/",
      "/api/v1/",
      "/api/v1/flags/",
      "/api/v1/identities/",
      "/api/v1/identities/x/traits/",
      "/sse/environments/",
      "/health",
      "//",
    ];
    const suffixes = ["", "/", "/traits/x", "/multivariate-options/", "/stream", "?", "//"];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...prefixes),
        oddParts,
        fc.constantFrom(...suffixes),
        fc.constantFrom("GET", "POST", "OPTIONS", "HEAD"),
        async (prefix, part, suffix, method) => {
          await attempt({ method, path: prefix + part + suffix, headers: keyed(serverKey()) });
        },
      ),
      { ...parameters, numRuns: runs * 3 },
    );
  });

  test("odd queries", async () => {
    const names = ["identifier", "feature", "transient", "page_id", "__proto__", "identifier%00", "identifier[]"];
    const pair = fc.tuple(fc.constantFrom(...names), oddParts).map(([name, value]) => `${name}=${value}`);
    const query = fc.array(fc.oneof(pair, oddParts), { maxLength: 4 }).map((parts) => parts.join("&"));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("/api/v1/flags/", "/api/v1/identities/", "/api/v1/environment-document/", "/health"),
        query,
        async (path, text) => {
          await attempt({ path: `${path}?${text}`, headers: keyed(serverKey()) });
        },
      ),
      { ...parameters, numRuns: runs * 3 },
    );
  });

  test("an identifier that is too long, in every place for one", async () => {
    const long = "i".repeat(2001);
    for (const path of [
      `/api/v1/identities/?identifier=${long}`,
      `/api/v1/identities/${long}/`,
      `/api/v1/flags/${long}`,
    ]) {
      expect((await attempt({ path, headers: keyed() })).status).toBe(400);
    }
    const enough = await attempt({ path: `/api/v1/identities/?identifier=${"i".repeat(2000)}`, headers: keyed() });
    expect(enough.status).toBe(200);
  });
});

describe("headers", () => {
  test("odd values of every header that is read", async () => {
    const names = [
      "X-Environment-Key",
      "Accept",
      "Content-Type",
      "Content-Encoding",
      "If-Modified-Since",
      "If-Unmodified-Since",
      "Origin",
      "Access-Control-Request-Headers",
      "X-Request-Id",
      "User-Agent",
      "Flagsmith-SDK-User-Agent",
      "Flagsmith-Application-Name",
      "Expect",
      "Range",
      "If-None-Match",
      "Cookie",
      "X-Forwarded-For",
      "Transfer-Encoding-X",
    ];
    const value = fc.oneof(
      fc.constantFrom(
        "",
        ",",
        ";",
        "*/*;q=x",
        "ser.",
        "ser.%00",
        "é\u00ff",
        "x".repeat(3000),
        "__proto__",
        "flagsmith-js-sdk/\u00e9",
        "bytes=0-1",
        "gzip",
        "{}",
        "null",
        "0",
        "-1",
      ),
      fc.stringMatching(/^[ -~]{0,40}$/),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("/api/v1/flags/", "/api/v1/environment-document/", "/api/v1/identities/?identifier=h"),
        fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 5 }),
        async (path, pairs) => {
          await attempt({ path, headers: { ...keyed(serverKey()), ...Object.fromEntries(pairs) } });
        },
      ),
      { ...parameters, numRuns: runs * 3 },
    );
  });

  test("no answer repeats a header's line break", async () => {
    const response = await send(
      served.port,
      {
        path: "/api/v1/flags/",
        headers: { ...keyed("nobody"), "X-Request-Id": "a%0d%0aX-Evil: 1", Origin: "a%0aX-Evil: 1" },
      },
      LIMIT_MS,
    );
    expect(response.headers["x-evil"]).toBeUndefined();
  });
});

describe("sizes", () => {
  const post = (body: string | Uint8Array, path = "/api/v1/identities/") =>
    attempt({ method: "POST", path, headers: { ...keyed(), "Content-Type": "application/json" }, body });
  const padded = (bytes: number) => {
    const text = '{"identifier":"big","pad":"';
    return `${text}${"x".repeat(bytes - text.length - 2)}"}`;
  };

  test("a body of the limit is read, one byte more is refused", async () => {
    expect((await post(padded(1024 * 1024))).status).toBe(200);
    const over = await post(padded(1024 * 1024 + 1));
    expect([over.status, JSON.parse(over.text)]).toEqual([
      413,
      { detail: "Request body exceeded the limit of 1048576 bytes." },
    ]);
  });

  test("thousands of traits, of errors, of duplicates and of nested lists are answered in time", async () => {
    const traits = (count: number, key: (i: number) => string, value: string) =>
      `{"identifier":"many","traits":[${Array.from({ length: count }, (_, i) => `{"trait_key":"${key(i)}","trait_value":${value}}`).join(",")}]}`;
    expect((await post(traits(20_000, (i) => `k${i}`, "1"))).status).toBe(200);
    expect((await post(traits(20_000, () => "same", "1"))).status).toBe(200);
    expect((await post(`{"traits":[${"{},".repeat(100_000)}{}]}`)).status).toBe(400);
    expect(
      (
        await post(
          `{"identifier":"deep","traits":[{"trait_key":"a","trait_value":${"[".repeat(100_000)}${"]".repeat(100_000)}}]}`,
        )
      ).status,
    ).toBe(400);
    expect(
      (await post(`{"identifier":"wide","traits":[{"trait_key":"a","trait_value":[${"1,".repeat(200_000)}1]}]}`))
        .status,
    ).toBe(400);
    expect((await post(`{${'"a":1,'.repeat(100_000)}"a":1}`)).status).toBe(200);
    expect((await post(`{"n":${"9".repeat(500_000)}}`)).status).toBeLessThan(500);
    expect((await post(`{"n":1${"0".repeat(300_000)}.5e-${"9".repeat(100)}}`)).status).toBeLessThan(500);
  }, 60_000);

  test("numbers at their limits are kept exactly or refused", async () => {
    const number = async (text: string) => {
      const answer = await post(`{"identifier":"numbers","traits":[{"trait_key":"n","trait_value":${text}}]}`);
      return answer.status === 200 ? /"trait_value":([^,]+),/.exec(answer.text)?.[1] : answer.status;
    };
    expect(await number("2147483647")).toBe("2147483647");
    expect(await number("-2147483648")).toBe("-2147483648");
    expect(await number("2147483648")).toBe(400);
    expect(await number("2147483648.0")).toBe("2147483648.0");
    expect(await number("5e-324")).toBe("5e-324");
    expect(await number("1.7976931348623157e308")).toBe("1.7976931348623157e+308");
    expect(await number("1e999")).toBe(400);
    expect(await number("-1e999")).toBe(400);
    expect(await number("0.1")).toBe("0.1");
    expect(await number("-0")).toBe("0");
    // PostgreSQL's numbers have no negative zero.
    expect(await number("-0.0")).toBe(databaseName === "postgres" ? "0.0" : "-0.0");
    expect(await number("1e22")).toBe("1e+22");
  });
});

test("names from a prototype are names like any other", async () => {
  const identify = (traits: string) =>
    attempt({
      method: "POST",
      path: "/api/v1/identities/",
      headers: { ...keyed(), "Content-Type": "application/json" },
      body: `{"identifier":"prototypes","traits":[${traits}]}`,
    });
  const on = (response: RawResponse) => flagRows(JSON.parse(response.text))["on"]?.slice(0, 2) as unknown;
  expect(on(await identify('{"trait_key":"a","trait_value":1}'))).toEqual([true, "on"]);
  expect(on(await identify('{"trait_key":"constructor","trait_value":1}'))).toEqual([false, "constructor"]);
  expect(
    on(await identify('{"trait_key":"constructor","trait_value":null},{"trait_key":"__proto__","trait_value":"x"}')),
  ).toEqual([false, "__proto__"]);
  const again = await send(served.port, { path: "/api/v1/identities/?identifier=prototypes", headers: keyed() });
  expect(JSON.parse(again.text).traits).toEqual([
    { id: expect.any(Number), trait_key: "a", trait_value: 1, transient: false },
    { id: expect.any(Number), trait_key: "__proto__", trait_value: "x", transient: false },
  ]);
  expect(on(again)).toEqual([false, "__proto__"]);
  expect(on(await identify('{"trait_key":"__proto__","trait_value":null}'))).toEqual([true, "on"]);
  for (const name of ["__proto__", "constructor", "toString"]) {
    const body = JSON.stringify({ identifier: "counting", trait_key: name, increment_by: 2 });
    const request = {
      method: "POST",
      path: "/api/v1/traits/increment-value/",
      headers: { ...keyed(), "Content-Type": "application/json" },
      body,
    };
    expect(JSON.parse((await attempt(request)).text).trait_value).toBe(2);
    expect(JSON.parse((await attempt(request)).text).trait_value).toBe(4);
  }
});

test("after all of it the server serves as before", async () => {
  const { status, text } = await send(served.port, { path: "/api/v1/flags/", headers: keyed() });
  expect([status, Object.keys(flagRows(JSON.parse(text))).length]).toEqual([200, 6]);
});
