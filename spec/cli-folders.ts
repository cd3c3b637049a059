/** Folders for runs of the program, and a small document to import. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runBurgee } from "../packages/server/src/testing/index.ts";
import type { DocumentInput } from "./builders.ts";

export interface Folders {
  /** A new one. */
  fresh(): Promise<string>;
  remove(): Promise<void>;
}

export async function createFolders(): Promise<Folders> {
  const root = await mkdtemp(join(tmpdir(), "burgee-cli-"));
  let last = 0;
  return {
    fresh: async () => {
      last += 1;
      const folder = join(root, String(last));
      await mkdir(folder);
      return folder;
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

export async function save(folder: string, name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

export const basic: DocumentInput = {
  features: [
    { name: "on", enabled: true, value: "x" },
    { name: "colour", enabled: true, value: "grey", variants: [{ key: "b", value: "blue", weight: 100 }] },
  ],
  segments: [{ name: "all", conditions: [], overrides: [{ feature: "on", enabled: true, value: "segment" }] }],
  identities: [{ identifier: "ann", overrides: [{ feature: "on", enabled: false, value: "hers" }] }],
};

export function importFile(folder: string, path: string, ...options: string[]): Promise<CommandResult> {
  return runBurgee(folder, ["import", "environment-document", path, ...options]);
}
