/**
 * OpenFeature's Java SDK with its OFREP provider, unmodified from Maven Central: `.ci/run` puts them and what they need into the folder
 * that BURGEE_JAVA_LIBRARIES names.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { clientKey, serverKey } from "../builders.ts";
import type { ServedApp } from "../serve-app.ts";
import { type LineScript, startLines } from "./line-script.ts";
import { serveSample, storedTraits } from "./sample.ts";

const folder = process.env["BURGEE_JAVA_LIBRARIES"] || join(homedir(), ".cache/burgee-java");
const hasProvider = existsSync(folder) && readdirSync(folder).some((name) => name.startsWith("ofrep-"));
const java = Bun.which("java");
const missing = java === null ? "no java" : "OpenFeature's OFREP provider is not there";

const suite =
  java === null || !hasProvider
    ? (name: string, define: () => void) => describe.skip(`${name} (${missing})`, define)
    : (name: string, define: () => void) => describe(name, define);

suite("the Java provider", () => {
  let served: ServedApp;
  let byKey: LineScript;
  let byToken: LineScript;
  beforeAll(async () => {
    served = await serveSample();
    const start = (header: string, value: string) => {
      const program = join(import.meta.dir, "java/Ofrep.java");
      return startLines([java ?? "", "-cp", join(folder, "*"), program, served.url, header, value]);
    };
    byKey = start("X-API-Key", clientKey());
    byToken = start("Authorization", `Bearer ${serverKey()}`);
  });
  afterAll(async () => {
    await Promise.all([byKey.stop(), byToken.stop()]);
    await served.close();
  });

  test("resolves every type, targets, and says why", async () => {
    const ask = (type: string, flag: string, otherwise: unknown, more: object = { targetingKey: "ana" }) =>
      byKey.ask({ type, flag, default: otherwise, ...more });
    // Of flags with a space in their name this provider makes no address.
    expect(await ask("boolean", "ratio", false)).toMatchObject({
      value: true,
      reason: "STATIC",
      variant: "default",
    });
    expect(await ask("string", "banner", "?")).toMatchObject({ value: "hello", errorCode: null });
    expect(await ask("integer", "limit", 0)).toMatchObject({ value: 42 });
    expect(await ask("object", "layout", {})).toMatchObject({ value: { columns: 3 } });
    expect(await ask("string", "colour", "?")).toMatchObject({ value: "blue", reason: "SPLIT", variant: "b" });
    const pro = { targetingKey: "ana", attributes: { plan: "pro" } };
    expect(await ask("string", "pro_only", "?", pro)).toMatchObject({ value: "pro", reason: "TARGETING_MATCH" });
    expect(await ask("string", "banner", "?", { targetingKey: "ann" })).toMatchObject({ value: "hello, Ann" });
    expect(await ask("boolean", "nothing", true)).toMatchObject({ value: true, errorCode: "FLAG_NOT_FOUND" });
    expect(await ask("integer", "banner", 1)).toMatchObject({ value: 1, errorCode: "TYPE_MISMATCH" });
    expect(await ask("string", "pro_only", "mine")).toMatchObject({ value: "mine" });
    expect(await storedTraits(served, "ana")).toBeNull();
  }, 60_000);

  test("a bearer token is as good as a key", async () => {
    const asked = { type: "string", flag: "server_only", default: "?", targetingKey: "ana" };
    expect(await byToken.ask(asked)).toMatchObject({ value: "s" });
    expect(await byKey.ask(asked)).toMatchObject({ value: "?", errorCode: "FLAG_NOT_FOUND" });
  }, 60_000);
});
