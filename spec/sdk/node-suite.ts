/** What the Node SDK promises, remotely and with local evaluation, for each release that is in use. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientKey, serverKey } from "../builders.ts";
import { changeEnvironment, setEnabled } from "../configuration.ts";
import type { ServedApp } from "../serve-app.ts";
import { eventually, featureIds, serveSample, silent, storedTraits, storedUsage } from "./sample.ts";

type Traits = Readonly<Record<string, unknown>>;

interface NodeFlag {
  readonly enabled: boolean;
  readonly value: unknown;
  readonly isDefault: boolean;
  readonly featureId: number;
}

interface NodeFlags {
  isFeatureEnabled(name: string): boolean;
  getFeatureValue(name: string): unknown;
  getFlag(name: string): NodeFlag;
  allFlags(): readonly (NodeFlag & { readonly featureName: string })[];
}

export interface NodeSdk {
  getEnvironmentFlags(): Promise<NodeFlags>;
  getIdentityFlags(identifier: string, traits?: Traits, transient?: boolean): Promise<NodeFlags>;
  getIdentitySegments(
    identifier: string,
    traits?: Traits,
  ): Promise<readonly { readonly id: number; readonly name: string }[]>;
  updateEnvironment(): Promise<void>;
  close(): Promise<void>;
}

interface Analytics {
  flush(): Promise<void>;
}

/** The package, narrowed to what the tests use. */
export interface NodePackage {
  readonly Flagsmith: new (config: Readonly<Record<string, unknown>>) => NodeSdk;
  readonly LocalFileHandler: new (path: string) => unknown;
  readonly DefaultFlag: new (value: unknown, enabled: boolean) => unknown;
}

export function describeNodeSdk(name: string, { Flagsmith, LocalFileHandler, DefaultFlag }: NodePackage): void {
  describe(name, () => {
    let served: ServedApp;
    const instances: NodeSdk[] = [];
    const create = (environmentKey: string, config: Readonly<Record<string, unknown>> = {}): NodeSdk => {
      const sdk = new Flagsmith({ environmentKey, apiUrl: served.api, logger: silent, retries: 0, ...config });
      instances.push(sdk);
      return sdk;
    };
    const local = (config: Readonly<Record<string, unknown>> = {}) =>
      create(serverKey(), { enableLocalEvaluation: true, environmentRefreshIntervalSeconds: 600, ...config });

    beforeAll(async () => {
      served = await serveSample();
    });
    afterAll(async () => {
      for (const sdk of instances) await sdk.close();
      await served.close();
    });

    describe("remote", () => {
      test("flags of the environment, typed, with ids", async () => {
        const flags = await create(clientKey()).getEnvironmentFlags();
        expect([flags.isFeatureEnabled("Dark Mode"), flags.isFeatureEnabled("pro_only")]).toEqual([true, false]);
        expect(["banner", "limit", "ratio", "colour"].map((flag) => flags.getFeatureValue(flag))).toEqual([
          "hello",
          42,
          true,
          "grey",
        ]);
        expect(flags.getFlag("limit")).toMatchObject({ featureId: featureIds["limit"] ?? 0, isDefault: false });
        expect(flags.allFlags().map((flag) => flag.featureName)).not.toContain("server_only");
      });

      test("a server key sees server-only features", async () => {
        const flags = await create(serverKey()).getEnvironmentFlags();
        expect(flags.getFeatureValue("server_only")).toBe("s");
      });

      test("identities are created, their traits stored and merged, and null removes", async () => {
        const sdk = create(clientKey());
        const flags = await sdk.getIdentityFlags("node-user", { plan: "pro", age: 30, ratio: 0.5, beta: false });
        expect([flags.getFeatureValue("pro_only"), flags.getFeatureValue("banner")]).toEqual([
          "pro",
          "hello, grown-up",
        ]);
        expect(flags.getFeatureValue("colour")).toBe("blue");
        const fewer = await sdk.getIdentityFlags("node-user", { plan: null });
        expect([fewer.isFeatureEnabled("pro_only"), fewer.getFeatureValue("banner")]).toEqual([
          false,
          "hello, grown-up",
        ]);
        expect(await storedTraits(served, "node-user")).toEqual({ age: 30, ratio: 0.5, beta: false });
      });

      test("transient traits and transient identities count and are not stored", async () => {
        const sdk = create(clientKey());
        const flags = await sdk.getIdentityFlags("node-passing", { plan: { value: "pro", transient: true }, age: 3 });
        expect(flags.isFeatureEnabled("pro_only")).toBe(true);
        expect(await storedTraits(served, "node-passing")).toEqual({ age: 3 });
        const ghost = await sdk.getIdentityFlags("node-ghost", { plan: "pro" }, true);
        expect(ghost.isFeatureEnabled("pro_only")).toBe(true);
        expect(await storedTraits(served, "node-ghost")).toBeNull();
      });

      test("an identity's override is served", async () => {
        const flags = await create(clientKey()).getIdentityFlags("ann");
        expect(flags.getFeatureValue("banner")).toBe("hello, Ann");
      });

      test("a wrong key is an error, or the default where there is one", async () => {
        await expect(create("nobody").getEnvironmentFlags()).rejects.toThrow();
        await expect(create("nobody").getIdentityFlags("x")).rejects.toThrow();
        const flags = await create("nobody", {
          defaultFlagHandler: () => new DefaultFlag("fallback", true),
        }).getIdentityFlags("x");
        expect(flags.getFlag("banner")).toMatchObject({ value: "fallback", enabled: true, isDefault: true });
      });

      test("a flag that is not there gets its default, others do not", async () => {
        const sdk = create(clientKey(), { defaultFlagHandler: () => new DefaultFlag("fallback", false) });
        const flags = await sdk.getEnvironmentFlags();
        expect([flags.getFeatureValue("nothing"), flags.getFeatureValue("banner")]).toEqual(["fallback", "hello"]);
      });
    });

    describe("local evaluation", () => {
      test("needs a server key", () => {
        expect(() => create(clientKey(), { enableLocalEvaluation: true })).toThrow();
      });

      test("decides like the server, without telling it of anybody", async () => {
        const sdk = local();
        const environment = await sdk.getEnvironmentFlags();
        expect([environment.getFeatureValue("banner"), environment.getFeatureValue("colour")]).toEqual([
          "hello",
          "grey",
        ]);
        const flags = await sdk.getIdentityFlags("local-user", { plan: "pro", age: 30 });
        expect([
          flags.getFeatureValue("pro_only"),
          flags.getFeatureValue("banner"),
          flags.getFeatureValue("colour"),
        ]).toEqual(["pro", "hello, grown-up", "blue"]);
        expect(await storedTraits(served, "local-user")).toBeNull();
      });

      test("names the segments somebody is in", async () => {
        const segments = await local().getIdentitySegments("local-user", { plan: "pro", age: 3 });
        expect(segments.map(({ id, name: segment }) => [id, segment])).toEqual([[1201, "pros"]]);
      });

      test("applies identity overrides, and drops one that was removed", async () => {
        const sdk = local();
        const ann = async () => (await sdk.getIdentityFlags("ann")).getFeatureValue("banner");
        const bob = async () => (await sdk.getIdentityFlags("bob")).getFlag("limit");
        expect(await ann()).toBe("hello, Ann");
        expect(await bob()).toMatchObject({ enabled: false, value: 7 });
        const rows = await served.db.kysely
          .selectFrom("identity_overrides")
          .selectAll()
          .where("identifier", "=", "ann")
          .execute();
        await changeEnvironment(served.app.changes, 1, (trx) =>
          trx.deleteFrom("identity_overrides").where("identifier", "=", "ann").execute(),
        );
        await sdk.updateEnvironment();
        expect(await ann()).toBe("hello");
        expect(await bob()).toMatchObject({ enabled: false, value: 7 });
        await changeEnvironment(served.app.changes, 1, (trx) =>
          trx.insertInto("identity_overrides").values(rows).execute(),
        );
        await sdk.updateEnvironment();
        expect(await ann()).toBe("hello, Ann");
      });

      test("sees no overrides where the environment keeps them to itself", async () => {
        const share = (is: number) =>
          changeEnvironment(served.app.changes, 1, (trx) =>
            trx
              .updateTable("environments")
              .set({ use_identity_overrides_in_local_eval: is })
              .where("id", "=", 1)
              .execute(),
          );
        await share(0);
        expect((await local().getIdentityFlags("ann")).getFeatureValue("banner")).toBe("hello");
        await share(1);
        expect((await local().getIdentityFlags("ann")).getFeatureValue("banner")).toBe("hello, Ann");
      });

      test("polls for changes", async () => {
        const seen: unknown[] = [];
        const sdk = local({
          environmentRefreshIntervalSeconds: 0.05,
          onEnvironmentChange: (error: unknown) => seen.push(error),
        });
        const isDark = async () => (await sdk.getEnvironmentFlags()).isFeatureEnabled("Dark Mode");
        expect(await isDark()).toBe(true);
        const set = (enabled: boolean) =>
          changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, enabled));
        await set(false);
        expect(await eventually(async () => !(await isDark()))).toBe(true);
        await set(true);
        expect(await eventually(isDark)).toBe(true);
        await sdk.close();
        expect(seen.length).toBeGreaterThan(1);
        expect(seen.every((error) => error === null)).toBe(true);
      });

      test("an unknown server key is reported", async () => {
        const seen: unknown[] = [];
        const sdk = create("ser.nobody", {
          enableLocalEvaluation: true,
          onEnvironmentChange: (error: unknown) => seen.push(error),
        });
        await sdk.updateEnvironment();
        expect(String(seen[0])).toContain("403");
        await sdk.close();
      });
    });

    describe("offline", () => {
      const folder = mkdtempSync(join(tmpdir(), "burgee-offline-"));
      afterAll(() => rmSync(folder, { recursive: true, force: true }));

      test("the document, saved as it came, is all that is needed", async () => {
        const response = await fetch(`${served.api}environment-document/`, {
          headers: { "X-Environment-Key": serverKey() },
        });
        const path = join(folder, "environment.json");
        writeFileSync(path, await response.text());
        const sdk = new Flagsmith({ offlineMode: true, offlineHandler: new LocalFileHandler(path), logger: silent });
        const flags = await sdk.getIdentityFlags("offline-user", { plan: "pro", age: 20 });
        expect([
          flags.getFeatureValue("pro_only"),
          flags.getFeatureValue("banner"),
          flags.getFeatureValue("limit"),
        ]).toEqual(["pro", "hello, grown-up", 42]);
        expect((await sdk.getEnvironmentFlags()).getFeatureValue("server_only")).toBe("s");
      });
    });

    describe("analytics", () => {
      test("evaluations are stored", async () => {
        const total = async () => {
          const usage = Object.entries(await storedUsage(served));
          const of = (flag: string) =>
            usage.filter(([label]) => label.startsWith(`${flag} by `)).reduce((sum, [, count]) => sum + count, 0);
          return { limit: of("limit"), banner: of("banner") };
        };
        const before = await total();
        const sdk = create(clientKey(), { enableAnalytics: true });
        const flags = await sdk.getIdentityFlags("counted");
        for (let i = 0; i < 5; i += 1) flags.getFeatureValue("limit");
        flags.isFeatureEnabled("banner");
        await (sdk as unknown as { analyticsProcessor: Analytics }).analyticsProcessor.flush();
        const after = await total();
        expect([after.limit - before.limit, after.banner - before.banner]).toEqual([5, 1]);
      });
    });
  });
}
