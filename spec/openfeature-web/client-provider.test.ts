/** OpenFeature's web SDK with the stock Flagsmith client provider and the old JavaScript SDK that it asks for. */
import "../sdk/browser.ts";
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { clientKey } from "../builders.ts";
import { changeEnvironment, setEnabled } from "../configuration.ts";
import { eventually, featureIds, serveSample, storedTraits } from "../sdk/sample.ts";
import type { ServedApp } from "../serve-app.ts";

// After browser.ts: the SDK looks for a browser when it is loaded.
const { FlagsmithClientProvider } = await import("@openfeature/flagsmith-client-provider");
type Provider = InstanceType<typeof FlagsmithClientProvider>;

let served: ServedApp;
const providers: Provider[] = [];
beforeAll(async () => {
  served = await serveSample();
});
afterEach(async () => {
  for (const provider of providers.splice(0)) {
    (provider.flagsmithClient as unknown as { eventSource: { close(): void } | null }).eventSource?.close();
  }
  await OpenFeature.clearProviders();
  await OpenFeature.clearContexts();
});
afterAll(() => served.close());

async function open(config: Readonly<Record<string, unknown>> = {}) {
  const provider = new FlagsmithClientProvider({
    environmentID: clientKey(),
    api: served.api,
    fetch,
    ...config,
  } as never);
  providers.push(provider);
  await OpenFeature.setProviderAndWait(provider as never);
  return OpenFeature.getClient();
}

test("resolves every type for nobody in particular", async () => {
  const client = await open();
  expect(client.getBooleanValue("Dark Mode", false)).toBe(true);
  expect(client.getBooleanValue("pro_only", true)).toBe(false);
  expect(client.getStringValue("banner", "?")).toBe("hello");
  expect(client.getNumberValue("limit", 0)).toBe(42);
  expect(client.getObjectValue("layout", {})).toEqual({ columns: 3 });
  expect(client.getStringDetails("banner", "?")).toMatchObject({ value: "hello", reason: "STATIC" });
});

test("a context is an identity with traits, another context another identity, none is nobody", async () => {
  const client = await open();
  await OpenFeature.setContext({ targetingKey: "web-user", traits: { plan: "pro", age: 20 } });
  expect([client.getStringValue("pro_only", "?"), client.getStringValue("banner", "?")]).toEqual([
    "pro",
    "hello, grown-up",
  ]);
  expect(await storedTraits(served, "web-user")).toEqual({ plan: "pro", age: 20 });
  await OpenFeature.setContext({ targetingKey: "ann" });
  expect(client.getStringValue("banner", "?")).toBe("hello, Ann");
  await OpenFeature.clearContexts();
  expect([client.getStringValue("banner", "?"), client.getBooleanValue("pro_only", true)]).toEqual(["hello", false]);
});

test("the first context counts from the start", async () => {
  await OpenFeature.setContext({ targetingKey: "web-first", traits: { plan: "pro" } });
  const client = await open();
  expect(client.getBooleanValue("pro_only", false)).toBe(true);
  expect(await storedTraits(served, "web-first")).toEqual({ plan: "pro" });
});

test("a change is announced by itself where realtime is on", async () => {
  const client = await open({ realtime: true, eventSourceUrl: `${served.url}/` });
  let announced = 0;
  client.addHandler(ProviderEvents.ConfigurationChanged, () => {
    announced += 1;
  });
  expect(await eventually(() => served.app.streams.count() > 0)).toBe(true);
  const before = announced;
  await changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, false));
  expect(await eventually(() => !client.getBooleanValue("Dark Mode", true))).toBe(true);
  expect(announced).toBeGreaterThan(before);
  await changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, true));
  expect(await eventually(() => client.getBooleanValue("Dark Mode", false))).toBe(true);
});

test("a wrong key leaves the defaults", async () => {
  await expect(open({ environmentID: "nobody" })).rejects.toThrow();
  const client = OpenFeature.getClient();
  expect(client.getStringValue("banner", "fallback")).toBe("fallback");
});
