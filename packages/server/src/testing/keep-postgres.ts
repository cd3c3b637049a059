/**
 * Started by the first test of a process that needs PostgreSQL: keeps one until that process has ended, however it ends.
 * Arguments: the process, and the file to write the URL to.
 */
import { rename, rm, writeFile } from "node:fs/promises";
import { startTestPostgres } from "./test-postgres.ts";

const [, , parent = "", file = ""] = process.argv;
const server = await startTestPostgres({ settings: { max_connections: "300" } });
await writeFile(`${file}.new`, server.url);
await rename(`${file}.new`, file);
while (isAlive(Number(parent))) await Bun.sleep(200);
await rm(file, { force: true });
await rm(`${file}.starting`, { force: true });
await server.remove();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
