/** When the dashboard is built: for starts of the server only, and only where a source has changed. */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint, isServe } from "./dashboard.mjs";

test("a start of the server is told from every other command", () => {
  for (const args of [[], ["serve"], ["serve", "--demo"], ["--demo"]])
    expect([args, isServe(args)]).toEqual([args, true]);
  for (const args of [
    ["help"],
    ["import", "serve"],
    ["--version"],
    ["serve", "--help"],
    ["setup", "--email", "a@b.c"],
  ]) {
    expect([args, isServe(args)]).toEqual([args, false]);
  }
});

test("the print of the sources moves with what is in them, what they are called, and not with tests", () => {
  const folder = mkdtempSync(join(tmpdir(), "burgee-print-"));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const print = () => fingerprint([folder, join(folder, "not-there")]);
  try {
    mkdirSync(join(folder, "inner"));
    write("a.ts", "1");
    const first = print();
    expect(print()).toBe(first);
    write("a.test.tsx", "anything");
    expect(print()).toBe(first);
    write("inner/b.ts", "");
    const second = print();
    expect(second).not.toBe(first);
    write("inner/b.ts", "2");
    expect(print()).not.toBe(second);
    rmSync(join(folder, "inner", "b.ts"));
    expect(print()).toBe(first);
    expect(fingerprint([join(folder, "a.ts")])).not.toBe(fingerprint([]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
