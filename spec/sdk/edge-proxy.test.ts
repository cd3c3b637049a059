/**
 * Flagsmith's edge proxies in front of Burgee. The Python one is no package, and neither is the Rust one; what the Python one does
 * with a server is here, request by request, and it answers with the same packages from PyPI: Flagsmith's mappers and engine.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { clientKey, serverKey } from "../builders.ts";
import { changeEnvironment, setEnabled } from "../configuration.ts";
import { send } from "../raw-http.ts";
import type { ServedApp } from "../serve-app.ts";
import type { LineScript } from "./line-script.ts";
import { pythonWith, startPython } from "./python-environment.ts";
import { featureIds, serveSample, storedTraits } from "./sample.ts";

const python = pythonWith("flagsmith.mappers");
const suite =
  python === undefined
    ? (name: string, define: () => void) =>
        describe.skip(`${name} (Flagsmith's Python package is not installed)`, define)
    : (name: string, define: () => void) => describe(name, define);

type Flags = Readonly<Record<string, readonly [enabled: boolean, value: unknown]>>;

let served: ServedApp;
beforeAll(async () => {
  served = await serveSample();
});
afterAll(() => served.close());

suite("the Python proxy", () => {
  let proxy: LineScript;
  beforeAll(() => {
    proxy = startPython(python ?? "", "edge_proxy.py", [served.api, serverKey()]);
  });
  afterAll(() => proxy.stop());

  /** What Burgee itself answers, without storing anything. */
  const remote = async (key: string, identifier: string, traits: Readonly<Record<string, unknown>>): Promise<Flags> => {
    const list = Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value }));
    const answer = await fetch(`${served.api}identities/`, {
      method: "POST",
      headers: { "X-Environment-Key": key, "Content-Type": "application/json" },
      body: JSON.stringify({ identifier, transient: true, traits: list }),
    });
    const { flags } = (await answer.json()) as {
      flags: { feature: { name: string }; enabled: boolean; feature_state_value: unknown }[];
    };
    return Object.fromEntries(flags.map((flag) => [flag.feature.name, [flag.enabled, flag.feature_state_value]]));
  };

  test("fetches the document, and again only when it has changed", async () => {
    const first = await proxy.ask({ do: "poll" });
    expect(first).toMatchObject({ status: 200, links: false });
    expect(await proxy.ask({ do: "poll" })).toMatchObject({ status: 304, bytes: 0 });
    expect(await proxy.ask({ do: "poll", slash: false })).toMatchObject({ status: 304, bytes: 0 });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, false));
    expect(await proxy.ask({ do: "poll" })).toMatchObject({ status: 200 });
    expect(await proxy.ask({ do: "flags" })).toMatchObject({ "Dark Mode": [false, null] });
    // In the same second as the one before, and none of it lost.
    await changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, true));
    expect(await proxy.ask({ do: "poll", slash: false })).toMatchObject({ status: 200 });
    expect(await proxy.ask({ do: "flags" })).toMatchObject({ "Dark Mode": [true, null] });
  }, 30_000);

  test("answers identities as Burgee does: traits, segments, overrides, variants, what is for servers", async () => {
    await proxy.ask({ do: "poll" });
    const people: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["zoe", {}],
      ["zoe", { plan: "pro" }],
      ["ann", { age: 40 }],
      ["bob", { plan: "pro", age: 3 }],
      ["é😀/ x", { age: "18" }],
    ];
    for (const [identifier, traits] of people) {
      for (const [key, server] of [
        [clientKey(), false],
        [serverKey(), true],
      ] as const) {
        const expected = await remote(key, identifier, traits);
        expect(await proxy.ask({ do: "flags", identifier, traits, server })).toEqual(expected);
      }
    }
    expect(await storedTraits(served, "zoe")).toBeNull();
  }, 30_000);
});

describe("the Rust proxy's requests", () => {
  const get = (headers: Readonly<Record<string, string>>, path = "/api/v1/environment-document/") =>
    send(served.port, { path, headers: { "X-Environment-Key": serverKey(), "Accept-Encoding": "gzip", ...headers } });

  test("the document is one page, with or without the key of a control plane", async () => {
    for (const headers of [{}, { "X-Proxy-Key": "prx.secret" }]) {
      const answer = await get(headers);
      expect(answer.status).toBe(200);
      expect(answer.headers["link"]).toBeUndefined();
      const document = JSON.parse(answer.text);
      expect(document.api_key).toBe(clientKey());
      expect(document.project.server_key_only_feature_ids).toEqual([featureIds["server_only"]]);
    }
  });

  test("what it holds is not sent again", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await changeEnvironment(served.app.changes, 1);
    const { updated_at } = JSON.parse((await get({})).text);
    const since = new Date(Math.floor(Date.parse(updated_at) / 1000) * 1000).toUTCString();
    const answer = await get({ "If-Modified-Since": since });
    expect([answer.status, answer.text]).toEqual([304, ""]);
  });

  test("there is no control plane, and it is told so", async () => {
    for (const [method, path] of [
      ["GET", "/api/v1/proxy/config/"],
      ["POST", "/api/v1/proxy/usage/"],
    ] as const) {
      const headers = { "X-Proxy-Key": "prx.secret", "Idempotency-Key": "1", "Content-Type": "application/json" };
      expect((await send(served.port, { method, path, headers, body: method === "POST" ? "{}" : "" })).status).toBe(
        404,
      );
    }
  });
});
