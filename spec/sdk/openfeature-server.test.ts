/** OpenFeature's server SDK with the stock Flagsmith provider, remotely and with local evaluation. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createRequire } from "node:module";
import { FlagsmithOpenFeatureProvider } from "@openfeature/flagsmith-provider";
import { type Client, OpenFeature } from "@openfeature/server-sdk";
import * as release8 from "flagsmith-nodejs";
import { clientKey, serverKey } from "../builders.ts";
import type { ServedApp } from "../serve-app.ts";
import { serveSample, silent, storedTraits } from "./sample.ts";

type FlagsmithClient = ConstructorParameters<typeof FlagsmithOpenFeatureProvider>[0];
interface Package {
  readonly Flagsmith: new (config: Readonly<Record<string, unknown>>) => FlagsmithClient & { close(): Promise<void> };
}

// The provider brings a release of its own along; people give it the newer one too.
const ownRelease = createRequire(createRequire(import.meta.url).resolve("@openfeature/flagsmith-provider"))(
  "flagsmith-nodejs",
);
const releases: Readonly<Record<string, Package>> = {
  "flagsmith-nodejs 6": ownRelease as Package,
  "flagsmith-nodejs 8": release8 as unknown as Package,
};

let served: ServedApp;
beforeAll(async () => {
  served = await serveSample();
});
afterAll(async () => {
  await OpenFeature.close();
  await served.close();
});

for (const [release, { Flagsmith }] of Object.entries(releases)) {
  for (const mode of ["remote", "local"] as const) {
    describe(`${release}, ${mode} evaluation`, () => {
      const isLocal = mode === "local";
      let sdk: InstanceType<Package["Flagsmith"]>;
      let client: Client;
      beforeAll(async () => {
        const environmentKey = isLocal ? serverKey() : clientKey();
        const config = {
          environmentKey,
          apiUrl: served.api,
          enableLocalEvaluation: isLocal,
          logger: silent,
          retries: 0,
        };
        sdk = new Flagsmith(config);
        const provider = new FlagsmithOpenFeatureProvider(sdk, { returnValueForDisabledFlags: true });
        await OpenFeature.setProviderAndWait(`${release} ${mode}`, provider);
        client = OpenFeature.getClient(`${release} ${mode}`);
      });
      afterAll(() => sdk.close());

      test("resolves every type for nobody in particular", async () => {
        expect(await client.getBooleanValue("Dark Mode", false)).toBe(true);
        expect(await client.getBooleanValue("pro_only", true)).toBe(false);
        expect(await client.getStringValue("banner", "?")).toBe("hello");
        expect(await client.getNumberValue("limit", 0)).toBe(42);
        expect(await client.getObjectValue("layout", {})).toEqual({ columns: 3 });
      });

      test("resolves for somebody with traits", async () => {
        const targetingKey = `of-${release}-${mode}`;
        const details = await client.getStringDetails("pro_only", "?", { targetingKey, traits: { plan: "pro" } });
        expect(details).toMatchObject({ value: "pro", reason: "TARGETING_MATCH" });
        expect(await client.getStringValue("banner", "?", { targetingKey, traits: { age: 40 } })).toBe(
          "hello, grown-up",
        );
        expect(await client.getStringValue("colour", "?", { targetingKey })).toBe("blue");
        expect(await client.getStringValue("banner", "?", { targetingKey: "ann" })).toBe("hello, Ann");
        expect(await storedTraits(served, targetingKey)).toEqual(isLocal ? null : { plan: "pro", age: 40 });
      });

      test("a flag that is not there, or of another type, is the default with its reason", async () => {
        expect(await client.getBooleanDetails("nothing", true)).toMatchObject({
          value: true,
          errorCode: expect.any(String),
        });
        expect(await client.getNumberDetails("banner", 5)).toMatchObject({ value: 5, errorCode: "TYPE_MISMATCH" });
      });
    });
  }
}
