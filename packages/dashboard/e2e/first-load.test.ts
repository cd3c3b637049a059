import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureDashboard } from "../../../tools/dashboard.mjs";

const SITE = join(import.meta.dir, "..", "dist", "site");
const MOST_KB = 300;

/** Scripts that index.html and then, statically, those scripts load. */
function closure(names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = readFileSync(join(SITE, "assets", name), "utf8");
    for (const [, inner] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) if (inner) visit(inner);
  };
  names.forEach(visit);
  return seen;
}

const kiloBytes = (names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + gzipSync(readFileSync(join(SITE, "assets", name)), { level: 9 }).length, 0) /
  1000;

const named = (pattern: RegExp): string[] => {
  const index = readFileSync(join(SITE, "index.html"), "utf8");
  const entries = [...index.matchAll(/assets\/([^"]+\.js)"/g)].flatMap(([, name]) => (name ? [name] : []));
  const lazy = entries.flatMap((entry) => [
    ...readFileSync(join(SITE, "assets", entry), "utf8").matchAll(/\.\/([\w-]+\.js)/g),
  ]);
  return [...entries, ...lazy.flatMap(([, name]) => (name && pattern.test(name) ? [name] : []))];
};

describe("the first load", () => {
  test(`of a page takes less than ${MOST_KB} kB of compressed script, frame and all`, async () => {
    expect(await ensureDashboard(process.execPath)).toBe(true);
    expect(existsSync(join(SITE, "index.html"))).toBe(true);
    for (const page of [
      "features",
      "identities",
      "identity",
      "feature",
      "segments",
      "audit",
      "login",
      "setup",
      "connect",
    ]) {
      const names = named(new RegExp(`^(app-frame|environment-frame|public-frame|${page}-page)-`));
      expect([page, names.some((name) => name.startsWith(`${page}-page`))]).toEqual([page, true]);
      expect([page, kiloBytes(closure(names)) < MOST_KB]).toEqual([page, true]);
    }
  }, 120_000);

  test("brings neither the code editor nor charts", async () => {
    expect(await ensureDashboard(process.execPath)).toBe(true);
    for (const name of closure(named(/^(app-frame|environment-frame)-/))) {
      const text = readFileSync(join(SITE, "assets", name), "utf8");
      expect([name, text.includes("cm-editor"), text.includes("recharts-")]).toEqual([name, false, false]);
    }
  }, 120_000);
});
