/**
 * One install at a time for a folder, however many starts ask for it. The lock is a file beside node_modules, because
 * `npm ci` empties that folder. A lock whose owner died is taken over.
 */
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const BEAT_MS = 2000;
const POLL_MS = 150;
/** On this machine the process table tells who lives; the age only catches a process id that was given away again. */
const LOCAL_STALE_MS = 15 * 60_000;
/** A folder shared between machines: all there is to see is that the beat has stopped. */
const REMOTE_STALE_MS = 60_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The lock's text and whether its owner is gone; undefined when there is no lock. */
function inspect(path) {
  try {
    const text = readFileSync(path, "utf8");
    const age = Date.now() - statSync(path).mtimeMs;
    const [host, pid] = text.split(" ");
    // Written in two steps by the system: an empty file is a lock being made, or one whose maker died in between.
    if (!pid) return { text, isStale: age > BEAT_MS };
    const isStale = host === hostname() ? !isAlive(Number(pid)) || age > LOCAL_STALE_MS : age > REMOTE_STALE_MS;
    return { text, isStale };
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function tryTake(path, text) {
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** Of several that saw the same dead owner one gets the file; who moved a newer lock aside by mistake puts it back. */
function removeStale(path, seen) {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  try {
    if (readFileSync(aside, "utf8") !== seen) linkSync(aside, path);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

export async function withInstallLock(path, onWait, work) {
  const mine = `${hostname()} ${process.pid} ${randomUUID()}`;
  let told = false;
  while (!tryTake(path, mine)) {
    const held = inspect(path);
    if (held?.isStale) removeStale(path, held.text);
    if (held && !held.isStale) {
      if (!told) onWait();
      told = true;
      await sleep(POLL_MS);
    }
  }
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // Gone: the next start makes its own.
    }
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (inspect(path)?.text === mine) rmSync(path, { force: true });
  }
}
