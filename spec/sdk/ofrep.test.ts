/** OpenFeature's own OFREP providers, unmodified from npm, with no code of ours between them and the server. */
import "./browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { type Client, OpenFeature } from "@openfeature/server-sdk";
import {
  OpenFeature as OpenFeatureWeb,
  type Provider,
  ProviderEvents,
  type Client as WebClient,
} from "@openfeature/web-sdk";
import { clientKey, serverKey } from "../builders.ts";
import { changeEnvironment, setEnabled } from "../configuration.ts";
import type { ServedApp } from "../serve-app.ts";
import { eventually, featureIds, serveSample, storedTraits } from "./sample.ts";

let served: ServedApp;
beforeAll(async () => {
  served = await serveSample();
});
afterAll(async () => {
  await OpenFeature.close();
  await OpenFeatureWeb.close();
  await served.close();
});

const sendTraits = async (identifier: string, traits: Readonly<Record<string, unknown>>) => {
  const answer = await fetch(`${served.api}identities/`, {
    method: "POST",
    headers: { "X-Environment-Key": clientKey(), "Content-Type": "application/json" },
    body: JSON.stringify({
      identifier,
      traits: Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value })),
    }),
  });
  expect(answer.status).toBe(200);
};

describe("the server provider", () => {
  const clientWith = async (domain: string, headers: [string, string][], fetchImplementation?: typeof fetch) => {
    const options = { baseUrl: served.url, headers, ...(fetchImplementation ? { fetchImplementation } : {}) };
    await OpenFeature.setProviderAndWait(domain, new OFREPProvider(options));
    return OpenFeature.getClient(domain);
  };
  let client: Client;
  beforeAll(async () => {
    client = await clientWith("key", [["X-API-Key", clientKey()]]);
  });
  const ana = { targetingKey: "ana" };

  test("resolves every type", async () => {
    expect(await client.getBooleanValue("Dark Mode", false, ana)).toBe(true);
    expect(await client.getStringValue("banner", "?", ana)).toBe("hello");
    expect(await client.getNumberValue("limit", 0, ana)).toBe(42);
    expect(await client.getBooleanValue("ratio", false, ana)).toBe(true);
    expect(await client.getObjectValue("layout", {}, ana)).toEqual({ columns: 3 });
    expect(await client.getStringDetails("banner", "?", ana)).toMatchObject({
      reason: "STATIC",
      flagMetadata: { enabled: true, source: "default" },
    });
  });

  test("targets by attributes, stored traits and overrides, and stores nothing", async () => {
    expect(await client.getStringDetails("pro_only", "?", { ...ana, plan: "pro" })).toMatchObject({
      value: "pro",
      reason: "TARGETING_MATCH",
      flagMetadata: { source: "segment" },
    });
    expect(await client.getStringDetails("colour", "?", ana)).toMatchObject({
      value: "blue",
      reason: "SPLIT",
      variant: "b",
    });
    expect(await client.getStringValue("banner", "?", { targetingKey: "ann" })).toBe("hello, Ann");
    await sendTraits("known", { age: 40 });
    expect(await client.getStringValue("banner", "?", { targetingKey: "known" })).toBe("hello, grown-up");
    expect(await client.getStringValue("banner", "?", { targetingKey: "known", age: 3 })).toBe("hello");
    expect(await storedTraits(served, "ana")).toBeNull();
    expect(await storedTraits(served, "known")).toEqual({ age: 40 });
  });

  test("stores attributes with the header that says so, and a bearer token is as good as a key", async () => {
    const keeping = await clientWith("keeping", [
      ["Authorization", `Bearer ${serverKey()}`],
      ["X-Burgee-Persist-Traits", "true"],
    ]);
    expect(await keeping.getStringValue("pro_only", "?", { targetingKey: "kept", plan: "pro" })).toBe("pro");
    expect(await storedTraits(served, "kept")).toEqual({ plan: "pro" });
    expect(await client.getStringValue("pro_only", "?", { targetingKey: "kept" })).toBe("pro");
    expect(await keeping.getStringValue("server_only", "?", ana)).toBe("s");
  });

  test("gives the default of the code for what is off, absent, of another type or without a targeting key", async () => {
    expect(await client.getStringDetails("pro_only", "mine", ana)).toMatchObject({ value: "mine" });
    expect(await client.getNumberValue("limit", 5, { targetingKey: "bob" })).toBe(5);
    const absent = await client.getBooleanDetails("nothing", true, ana);
    expect(absent).toMatchObject({ value: true, reason: "ERROR", errorCode: "FLAG_NOT_FOUND" });
    expect(await client.getStringDetails("server_only", "?", ana)).toMatchObject({ errorCode: "FLAG_NOT_FOUND" });
    expect(await client.getNumberDetails("banner", 1, ana)).toMatchObject({ value: 1, errorCode: "TYPE_MISMATCH" });
    expect(await client.getStringDetails("banner", "?", {})).toMatchObject({ errorCode: "TARGETING_KEY_MISSING" });
    const tooLong = { targetingKey: "a", note: "x".repeat(2001) };
    expect(await client.getStringDetails("banner", "?", tooLong)).toMatchObject({ errorCode: "INVALID_CONTEXT" });
  });

  test("with a wrong key gives the default, too", async () => {
    const wrong = await clientWith("wrong", [["X-API-Key", "nobody"]]);
    expect(await wrong.getStringDetails("banner", "mine", ana)).toMatchObject({ value: "mine", reason: "ERROR" });
  });
});

describe("the web provider", () => {
  let client: WebClient;
  let statuses: number[] = [];
  let changed: string[] = [];
  const provider = () =>
    new OFREPWebProvider({
      baseUrl: served.url,
      headers: [["X-API-Key", clientKey()]],
      pollInterval: 0,
      cacheMode: "disabled",
      fetchImplementation: (async (input: RequestInfo, init?: RequestInit) => {
        const response = await fetch(input, init);
        statuses.push(response.status);
        return response;
      }) as typeof fetch,
    });
  beforeAll(async () => {
    await OpenFeatureWeb.setContext({ targetingKey: "web", age: 7 });
    // Its types were not made for this strictness about what is optional.
    await OpenFeatureWeb.setProviderAndWait(provider() as unknown as Provider);
    client = OpenFeatureWeb.getClient();
    client.addHandler(ProviderEvents.ConfigurationChanged, (details) => {
      changed.push(...(details?.flagsChanged ?? []));
    });
    // It hears the stream's first word, asks once more, and nothing has changed.
    expect(await eventually(() => statuses.includes(304))).toBe(true);
  });
  const settled = async () => {
    const before = statuses.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(statuses.length).toBe(before);
  };

  test("resolves every type from one answer, and asks no more than it has to", async () => {
    expect(statuses).toEqual([200, 304]);
    expect(client.getBooleanValue("Dark Mode", false)).toBe(true);
    expect(client.getStringValue("banner", "?")).toBe("hello");
    expect(client.getNumberValue("limit", 0)).toBe(42);
    expect(client.getObjectValue("layout", {})).toEqual({ columns: 3 });
    expect(client.getStringDetails("colour", "?")).toMatchObject({ value: "blue", variant: "b", reason: "SPLIT" });
    expect(client.getBooleanDetails("nothing", true)).toMatchObject({ value: true, errorCode: "FLAG_NOT_FOUND" });
    expect(client.getStringDetails("pro_only", "mine")).toMatchObject({ value: "mine", reason: "DISABLED" });
    await settled();
    expect(statuses).toEqual([200, 304]);
  });

  test("with other attributes and the same targeting key gets other flags, not a 304", async () => {
    await OpenFeatureWeb.setContext({ targetingKey: "web", age: 40 });
    expect(client.getStringValue("banner", "?")).toBe("hello, grown-up");
    await OpenFeatureWeb.setContext({ targetingKey: "web", age: 7 });
    expect(client.getStringValue("banner", "?")).toBe("hello");
  });

  test("hears of a change of configuration, and which flag it was", async () => {
    changed = [];
    await changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, false));
    expect(await eventually(() => client.getBooleanValue("Dark Mode", true) === false)).toBe(true);
    expect(changed).toEqual(["Dark Mode"]);
  });

  test("hears of its own stored traits, written by somebody else, and not of another identity's", async () => {
    await settled();
    const before = statuses.length;
    await sendTraits("somebody-else", { plan: "pro" });
    await settled();
    expect(statuses.length).toBe(before);
    await sendTraits("web", { plan: "pro" });
    expect(await eventually(() => client.getStringValue("pro_only", "?") === "pro")).toBe(true);
  });

  test("with another targeting key is another identity, and listens as that one", async () => {
    statuses = [];
    await OpenFeatureWeb.setContext({ targetingKey: "ann" });
    expect(client.getStringValue("banner", "?")).toBe("hello, Ann");
    // Its new stream's first word.
    expect(await eventually(() => statuses.at(-1) === 304)).toBe(true);
    await sendTraits("ann", { plan: "pro" });
    expect(await eventually(() => client.getStringValue("pro_only", "?") === "pro")).toBe(true);
  });

  test("without a targeting key says what is missing, and stays without flags", async () => {
    statuses = [];
    const errors: string[] = [];
    client.addHandler(ProviderEvents.Error, (details) => void errors.push(details?.message ?? ""));
    await OpenFeatureWeb.setContext({});
    expect(statuses).toEqual([400]);
    expect(errors.length).toBeGreaterThan(0);
  });
});
