#!/usr/bin/env node
/** The command `burgee`: the server's program with the arguments given, from whatever folder it is called. */
import { join } from "node:path";
import { forServer } from "./allocator.mjs";
import { ensureDashboard, isServe } from "./dashboard.mjs";
import { ROOT } from "./install.mjs";
import { start } from "./start.mjs";

const MAIN = join(ROOT, "packages", "server", "src", "main.ts");
const args = process.argv.slice(2);
await start(async (bun) => {
  if (isServe(args)) await ensureDashboard(bun);
  return { file: bun, args: [MAIN, ...args], env: forServer(process.env) };
});
