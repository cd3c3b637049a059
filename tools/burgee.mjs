#!/usr/bin/env node
/** The command `burgee`: the server's program with the arguments given, from whatever folder it is called. */
import { join } from "node:path";
import { ROOT } from "./install.mjs";
import { start } from "./start.mjs";

const MAIN = join(ROOT, "packages", "server", "src", "main.ts");
await start((bun) => ({ file: bun, args: [MAIN, ...process.argv.slice(2)] }));
