/** OpenFeature's Python SDK with its OFREP provider, unmodified from PyPI. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { clientKey, serverKey } from "../builders.ts";
import type { ServedApp } from "../serve-app.ts";
import { pythonWith, startPython } from "./python-environment.ts";
import { serveSample, storedTraits } from "./sample.ts";

interface Asked {
  readonly type: "boolean" | "string" | "integer" | "float" | "object";
  readonly flag: string;
  readonly default: unknown;
  readonly targetingKey?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const python = pythonWith("openfeature.contrib.provider.ofrep");

async function evaluate(url: string, headers: Readonly<Record<string, string>>, asked: readonly Asked[]) {
  const script = startPython(python ?? "", "ofrep.py", [url, JSON.stringify(headers)]);
  try {
    const answers: Record<string, unknown>[] = [];
    for (const one of asked) answers.push((await script.ask(one)) as Record<string, unknown>);
    return answers;
  } finally {
    await script.stop();
  }
}

const suite =
  python === undefined
    ? (name: string, define: () => void) =>
        describe.skip(`${name} (openfeature-provider-ofrep is not installed)`, define)
    : (name: string, define: () => void) => describe(name, define);

suite("the Python provider", () => {
  let served: ServedApp;
  beforeAll(async () => {
    served = await serveSample();
  });
  afterAll(() => served.close());
  const byKey = { "X-API-Key": clientKey() };

  test("resolves every type", async () => {
    const ana = { targetingKey: "ana" };
    const answers = await evaluate(served.url, byKey, [
      { type: "boolean", flag: "Dark Mode", default: false, ...ana },
      { type: "string", flag: "banner", default: "?", ...ana },
      { type: "integer", flag: "limit", default: 0, ...ana },
      { type: "object", flag: "layout", default: {}, ...ana },
      { type: "string", flag: "colour", default: "?", ...ana },
      { type: "string", flag: "pro_only", default: "mine", ...ana },
    ]);
    expect(answers.map(({ value, reason, variant, errorCode }) => [value, reason, variant, errorCode])).toEqual([
      [true, "STATIC", "default", null],
      ["hello", "STATIC", "default", null],
      [42, "STATIC", "default", null],
      [{ columns: 3 }, "STATIC", "default", null],
      ["blue", "SPLIT", "b", null],
      ["mine", "DISABLED", "default", null],
    ]);
    expect(answers[0]?.["metadata"]).toMatchObject({ enabled: true, source: "default" });
  }, 40_000);

  test("targets, falls back to the code's default where it must, and says why", async () => {
    const answers = await evaluate(served.url, byKey, [
      { type: "string", flag: "pro_only", default: "?", targetingKey: "ana", attributes: { plan: "pro" } },
      { type: "string", flag: "banner", default: "?", targetingKey: "ann" },
      { type: "boolean", flag: "nothing", default: true, targetingKey: "ana" },
      { type: "integer", flag: "banner", default: 1, targetingKey: "ana" },
      { type: "string", flag: "banner", default: "?" },
    ]);
    expect(answers.map(({ value, reason, errorCode }) => [value, reason, errorCode])).toEqual([
      ["pro", "TARGETING_MATCH", null],
      ["hello, Ann", "TARGETING_MATCH", null],
      [true, "ERROR", "FLAG_NOT_FOUND"],
      [1, "ERROR", "TYPE_MISMATCH"],
      ["?", "ERROR", "TARGETING_KEY_MISSING"],
    ]);
    expect(await storedTraits(served, "ana")).toBeNull();
  }, 40_000);

  test("by bearer token and with traits to keep", async () => {
    const headers = { Authorization: `Bearer ${serverKey()}`, "X-Burgee-Persist-Traits": "true" };
    const answers = await evaluate(served.url, headers, [
      { type: "string", flag: "server_only", default: "?", targetingKey: "kept", attributes: { plan: "pro", age: 40 } },
    ]);
    expect(answers.map(({ value }) => value)).toEqual(["s"]);
    expect(await storedTraits(served, "kept")).toEqual({ plan: "pro", age: 40 });
  }, 40_000);
});
