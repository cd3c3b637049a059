/** How many files this process may hold open; every client that listens is one. */
import { readFileSync } from "node:fs";

/** undefined where the system does not say. Bun has raised the soft limit to the hard one by the time this is read. */
export function openFileLimit(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
