/**
 * Started by the first test of a process that needs PostgreSQL: keeps one until that process has ended, however it ends.
 * Arguments: the process, and the file to write the URL to.
 */
import { rename, rm, statfs, writeFile } from "node:fs/promises";
import { startTestPostgres } from "./test-postgres.ts";

const [, , parent = "", file = ""] = process.argv;
/** Making a database means some three hundred files: in memory it takes a tenth of the time. */
const MEMORY = "/dev/shm";
const NEEDED_BYTES = 2 ** 31;

const room = await statfs(MEMORY).catch(() => undefined);
const isRoomy = room !== undefined && room.bavail * room.bsize > NEEDED_BYTES;
// Nobody pulls its plug: who tests durability starts a server of his own.
const settings = { max_connections: "300", fsync: "off", full_page_writes: "off", max_wal_size: "128MB" };
const server = await startTestPostgres({ settings, ...(isRoomy ? { place: MEMORY } : {}) });
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
