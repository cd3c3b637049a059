/** What the JavaScript SDK promises its users, for each of its packages, unmodified, against a running server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { clientKey } from "../builders.ts";
import { changeEnvironment, setEnabled } from "../configuration.ts";
import type { ServedApp } from "../serve-app.ts";
import { eventually, featureIds, serveSample, storedTraits, storedUsage } from "./sample.ts";

type Value = string | number | boolean | null;
type Trait = Value | { readonly value: Value; readonly transient?: boolean };

/** The public surface that the tests use; the packages' own types differ from release to release. */
export interface JavascriptSdk {
  init(config: Readonly<Record<string, unknown>>): Promise<void>;
  identify(identifier?: string | null, traits?: Readonly<Record<string, Trait>>, transient?: boolean): Promise<void>;
  logout(): Promise<void>;
  getFlags(): Promise<void>;
  setTrait(key: string, value: Trait): Promise<void>;
  setTraits(traits: Readonly<Record<string, Trait>>): Promise<void>;
  setContext(context: Readonly<Record<string, unknown>>): Promise<void>;
  updateContext(context: Readonly<Record<string, unknown>>): Promise<void>;
  getContext(): { identity?: { identifier?: string } | null };
  getTrait(key: string): unknown;
  getAllTraits(): Record<string, unknown>;
  getAllFlags(): Record<string, { id: number; enabled: boolean; value: unknown; variant?: string }>;
  hasFeature(name: string): boolean;
  getValue(name: string, options?: Readonly<Record<string, unknown>>): unknown;
  getState(): { flags: unknown };
  setState(state: { flags: unknown }): void;
  startListening(intervalMs: number): void;
  stopListening(): void;
  analyticsFlags(): Promise<void>;
  eventSource: { close(): void } | null;
  analyticsInterval: ReturnType<typeof setInterval> | null;
  loadingState: { source: string };
}

export function describeJavascriptSdk(name: string, createInstance: () => JavascriptSdk): void {
  describe(name, () => {
    let served: ServedApp;
    const instances: JavascriptSdk[] = [];
    let requests: string[] = [];

    const countingFetch = (url: string, options?: RequestInit) => {
      requests.push(`${options?.method ?? "GET"} ${new URL(url).pathname}`);
      return fetch(url, options);
    };
    const create = async (config: Readonly<Record<string, unknown>> = {}): Promise<JavascriptSdk> => {
      const sdk = createInstance();
      instances.push(sdk);
      await sdk.init({ environmentID: clientKey(), api: served.api, fetch: countingFetch, ...config });
      return sdk;
    };

    beforeAll(async () => {
      served = await serveSample();
    });
    afterEach(() => {
      for (const sdk of instances.splice(0)) {
        sdk.stopListening();
        sdk.eventSource?.close();
        if (sdk.analyticsInterval) clearInterval(sdk.analyticsInterval);
      }
      requests = [];
    });
    afterAll(() => served.close());

    describe("flags", () => {
      test("of the environment, by any spelling of their names, with typed values", async () => {
        const sdk = await create();
        expect(requests).toEqual(["GET /api/v1/flags/"]);
        expect([sdk.hasFeature("Dark Mode"), sdk.hasFeature("dark_mode"), sdk.hasFeature("pro_only")]).toEqual([
          true,
          true,
          false,
        ]);
        expect(["banner", "limit", "ratio", "colour"].map((flag) => sdk.getValue(flag))).toEqual([
          "hello",
          42,
          true,
          "grey",
        ]);
        expect(sdk.getValue("layout", { json: true })).toEqual({ columns: 3 });
        expect(Object.keys(sdk.getAllFlags())).not.toContain("server_only");
        expect(sdk.loadingState.source).toBe("SERVER");
      });

      test("a wrong key is an error, not an empty set of flags", async () => {
        await expect(create({ environmentID: "nobody" })).rejects.toThrow();
      });

      test("polling finds a change", async () => {
        const sdk = await create();
        sdk.startListening(30);
        await changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, false));
        expect(await eventually(() => !sdk.hasFeature("Dark Mode"))).toBe(true);
        await changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, true));
        expect(await eventually(() => sdk.hasFeature("Dark Mode"))).toBe(true);
      });

      test("state can be handed over, as a server does for the page it renders", async () => {
        const first = await create({ identity: "ann" });
        const state = first.getState();
        requests = [];
        const second = createInstance();
        second.setState(state);
        expect(second.getValue("banner")).toBe("hello, Ann");
        expect(requests).toEqual([]);
      });

      test("custom headers and application metadata pass", async () => {
        const sdk = await create({
          headers: { "X-My-Header": "1" },
          applicationMetadata: { name: "shop", version: "1.2.3" },
        });
        expect(sdk.getValue("banner")).toBe("hello");
      });
    });

    describe("identities", () => {
      test("one without traits is identified by GET, created, and gets its own flags", async () => {
        const sdk = await create({ identity: "ann" });
        expect(requests).toEqual(["GET /api/v1/identities/"]);
        expect(sdk.getValue("banner")).toBe("hello, Ann");
        expect(sdk.getValue("colour")).toBe("blue");
        const other = await create({ identity: "signs +&/#%😀 ü" });
        expect(other.getValue("banner")).toBe("hello");
        expect(await storedTraits(served, "signs +&/#%😀 ü")).toEqual({});
      });

      test("one with traits is identified by POST, in segments, and its traits are stored", async () => {
        const sdk = await create();
        await sdk.identify("paul", { plan: "pro", age: 30, score: 1.5, beta: false, note: "" });
        expect(requests).toEqual(["GET /api/v1/flags/", "POST /api/v1/identities/"]);
        expect(sdk.getValue("pro_only")).toBe("pro");
        expect(sdk.getValue("banner")).toBe("hello, grown-up");
        expect(sdk.getAllTraits()).toEqual({ plan: "pro", age: 30, score: 1.5, beta: false, note: "" });
        expect(await storedTraits(served, "paul")).toEqual({ plan: "pro", age: 30, score: 1.5, beta: false, note: "" });
      });

      test("what is known of an identity comes back to whoever identifies it again", async () => {
        await (await create()).identify("again", { plan: "pro", visits: 3 });
        const sdk = await create();
        await sdk.identify("again");
        expect([sdk.getTrait("plan"), sdk.getTrait("visits")]).toEqual(["pro", 3]);
        expect(sdk.hasFeature("pro_only")).toBe(true);
      });

      test("switching identities leaves nothing of the one before", async () => {
        const sdk = await create();
        await sdk.identify("switch-1", { plan: "pro" });
        await sdk.identify("switch-2");
        expect(sdk.getTrait("plan")).toBeUndefined();
        expect(sdk.hasFeature("pro_only")).toBe(false);
        expect(await storedTraits(served, "switch-2")).toEqual({});
      });

      test("logout goes back to the environment's flags", async () => {
        const sdk = await create();
        await sdk.identify("leaver", { plan: "pro" });
        expect(sdk.hasFeature("pro_only")).toBe(true);
        await sdk.logout();
        expect(requests.at(-1)).toBe("GET /api/v1/flags/");
        expect(sdk.hasFeature("pro_only")).toBe(false);
        expect(sdk.getTrait("plan")).toBeUndefined();
        expect(await storedTraits(served, "leaver")).toEqual({ plan: "pro" });
      });
    });

    describe("traits", () => {
      test("one is set and the others stay", async () => {
        const sdk = await create();
        await sdk.identify("setter", { plan: "free", age: 17 });
        await sdk.setTrait("plan", "pro");
        expect(sdk.getAllTraits()).toEqual({ plan: "pro", age: 17 });
        expect(sdk.hasFeature("pro_only")).toBe(true);
        await sdk.setTraits({ age: 18, city: "Ulm" });
        expect(sdk.getAllTraits()).toEqual({ plan: "pro", age: 18, city: "Ulm" });
        expect(sdk.getValue("banner")).toBe("hello, grown-up");
        expect(await storedTraits(served, "setter")).toEqual({ plan: "pro", age: 18, city: "Ulm" });
      });

      test("null removes one, here and on the server", async () => {
        const sdk = await create();
        await sdk.identify("remover", { plan: "pro", age: 18 });
        await sdk.setTrait("plan", null);
        expect(sdk.getTrait("plan")).toBeUndefined();
        expect(sdk.hasFeature("pro_only")).toBe(false);
        expect(await storedTraits(served, "remover")).toEqual({ age: 18 });
        await sdk.setTraits({ age: null, never: null });
        expect(sdk.getAllTraits()).toEqual({});
        expect(await storedTraits(served, "remover")).toEqual({});
      });

      test("a transient one counts now, stays transient with the next call, and is never stored", async () => {
        const sdk = await create();
        await sdk.identify("passing-trait", { plan: { value: "pro", transient: true }, age: 3 });
        expect(sdk.hasFeature("pro_only")).toBe(true);
        expect(sdk.getTrait("plan")).toBe("pro");
        await sdk.setTrait("age", 19);
        expect([sdk.hasFeature("pro_only"), sdk.getValue("banner")]).toEqual([true, "hello, grown-up"]);
        expect(await storedTraits(served, "passing-trait")).toEqual({ age: 19 });
        const later = await create({ identity: "passing-trait" });
        expect(later.getTrait("plan")).toBeUndefined();
        expect(later.hasFeature("pro_only")).toBe(false);
      });

      test("init may bring some along", async () => {
        const sdk = await create({ identity: "starter", traits: { plan: "pro" } });
        expect(sdk.hasFeature("pro_only")).toBe(true);
        expect(await storedTraits(served, "starter")).toEqual({ plan: "pro" });
      });
    });

    describe("transient and anonymous", () => {
      test("a transient identity gets its flags and leaves no trace", async () => {
        const sdk = await create();
        await sdk.identify("ghost", { plan: "pro" }, true);
        expect([sdk.hasFeature("pro_only"), sdk.getTrait("plan")]).toEqual([true, "pro"]);
        expect(await storedTraits(served, "ghost")).toBeNull();
        await sdk.identify("ghost-without-traits", undefined, true);
        expect(sdk.getValue("colour")).toBe("blue");
        expect(await storedTraits(served, "ghost-without-traits")).toBeNull();
      });

      test("an evaluation context says the same", async () => {
        const sdk = await create();
        const identity = { identifier: "context-ghost", transient: true, traits: { plan: { value: "pro" } } };
        await sdk.setContext({ identity });
        expect(sdk.hasFeature("pro_only")).toBe(true);
        expect(await storedTraits(served, "context-ghost")).toBeNull();
        await sdk.updateContext({ identity: { identifier: "context-person", traits: { age: 40 } } });
        expect(sdk.getValue("banner")).toBe("hello, grown-up");
        expect(await storedTraits(served, "context-person")).toEqual({ age: 40 });
      });

      test("an anonymous one with traits is named by the server, the same for the same traits", async () => {
        const sdk = await create();
        await sdk.identify(undefined, { plan: "pro" });
        expect(sdk.hasFeature("pro_only")).toBe(true);
        const identifier = sdk.getContext().identity?.identifier ?? "";
        expect(identifier).toMatch(/^[0-9a-f]{64}$/);
        expect(await storedTraits(served, identifier)).toBeNull();
        const other = await create({ traits: { plan: "pro" } });
        expect(other.getContext().identity?.identifier).toBe(identifier);
        expect(other.hasFeature("pro_only")).toBe(true);
      });

      test("an anonymous one without traits is named at random", async () => {
        const names = new Set<unknown>();
        for (let i = 0; i < 3; i += 1) {
          const sdk = await create();
          await sdk.identify(null);
          names.add(sdk.getContext().identity?.identifier);
          expect(sdk.getValue("colour")).toBe("blue");
        }
        expect(names.size).toBe(3);
      });
    });

    describe("realtime", () => {
      test("a change reaches the page by itself, is fetched once, and keeps coming", async () => {
        const sdk = await create({ realtime: true, eventSourceUrl: `${served.url}/` });
        expect(await eventually(() => served.app.streams.count() > 0)).toBe(true);
        for (const enabled of [false, true, false, true]) {
          requests = [];
          await changeEnvironment(served.app.changes, 1, setEnabled(featureIds["Dark Mode"] ?? 0, enabled));
          expect(await eventually(() => sdk.hasFeature("Dark Mode") === enabled)).toBe(true);
          await new Promise((resolve) => setTimeout(resolve, 150));
          expect(requests).toEqual(["GET /api/v1/flags/"]);
        }
      });

      test("an identified page hears of changes and not of traits", async () => {
        const sdk = await create({ realtime: true, eventSourceUrl: `${served.url}/`, identity: "listener" });
        expect(await eventually(() => served.app.streams.count() > 0)).toBe(true);
        requests = [];
        await (await create({ preventFetch: true, defaultFlags: { x: { enabled: true, value: 1 } } })).identify(
          "listener",
          { a: 1 },
        );
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(requests).toEqual(["POST /api/v1/identities/"]);
        requests = [];
        await changeEnvironment(served.app.changes, 1);
        expect(await eventually(() => requests.length > 0)).toBe(true);
        expect(requests).toEqual(["GET /api/v1/identities/"]);
        expect(await eventually(() => sdk.getTrait("a") === 1)).toBe(true);
      });
    });

    describe("cache and analytics", () => {
      test("flags are kept for the next visit, which need not ask", async () => {
        localStorage.clear();
        const cache = { cacheFlags: true, cacheOptions: { ttl: 60_000, skipAPI: true } };
        const first = await create({ ...cache, identity: "cached", traits: { plan: "pro" } });
        expect(first.hasFeature("pro_only")).toBe(true);
        requests = [];
        const second = await create({ ...cache, identity: "cached" });
        expect(second.hasFeature("pro_only")).toBe(true);
        expect(second.loadingState.source).toBe("CACHE");
        expect(requests).toEqual([]);
        const other = await create({ ...cache, identity: "somebody-else" });
        expect(other.hasFeature("pro_only")).toBe(false);
        expect(requests.length).toBe(1);
        localStorage.clear();
      });

      test("evaluations are reported and counted under the SDK's name", async () => {
        const before = await storedUsage(served);
        const sdk = await create({ enableAnalytics: true });
        expect(await eventually(() => sdk.analyticsInterval !== null)).toBe(true);
        for (let i = 0; i < 3; i += 1) sdk.hasFeature("pro_only");
        sdk.getValue("banner");
        sdk.getValue("nothing_like_that");
        await sdk.analyticsFlags();
        const after = await storedUsage(served);
        const counted = Object.keys(after).filter((label) => after[label] !== before[label]);
        expect(counted.map((label) => label.replace(/\/.*/, "")).sort()).toEqual([
          "banner by flagsmith-js-sdk",
          "pro_only by flagsmith-js-sdk",
        ]);
        expect(counted.map((label) => (after[label] ?? 0) - (before[label] ?? 0)).sort()).toEqual([1, 3]);
        requests = [];
        await sdk.analyticsFlags();
        expect(requests).toEqual([]);
      });
    });
  });
}
