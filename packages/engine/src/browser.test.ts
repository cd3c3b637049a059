import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as engine from "./index.ts";

test("the engine bundles for browsers, and evaluates with nothing but the language", async () => {
  const built = await Bun.build({ entrypoints: [join(import.meta.dir, "index.ts")], target: "browser", format: "esm" });
  expect(built.success).toBe(true);
  expect(built.outputs.length).toBe(1);
  const code = (await built.outputs[0]?.text()) ?? "";
  expect(new Bun.Transpiler({ loader: "js" }).scanImports(code)).toEqual([]);
  expect(code).not.toMatch(/\b(?:node:|bun:|Bun\.|process\.|Buffer\.|require\()/);

  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  try {
    const file = join(folder, "engine.mjs");
    writeFileSync(file, code);
    const { evaluate } = (await import(file)) as typeof engine;
    const { flags, segments } = evaluate({
      environment: { key: "e", name: "E" },
      identity: { identifier: "anna", traits: { mail: "anna@x" } },
      segments: {
        s: {
          key: "1",
          name: "mail",
          rules: [{ type: "ALL", conditions: [{ property: "mail", operator: "REGEX", value: "^[a-z]+@" }] }],
          overrides: [{ key: "2", name: "f", enabled: true, value: "over" }],
        },
      },
      features: { f: { key: "1", name: "f", enabled: false, value: "base" } },
    });
    expect(segments).toEqual([{ name: "mail" }]);
    expect(flags["f"]).toEqual({
      name: "f",
      enabled: true,
      value: "over",
      reason: "TARGETING_MATCH; segment=mail",
      variant: null,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
