/** What nodes tell one another of a commit: inside the writing transaction, so that it is heard if and only if it happened. */
import type { Kysely } from "kysely";
import type { ChangeFeed } from "../db/database.ts";
import type { Tables } from "../db/tables.ts";
import type { EnvironmentChange } from "./commit.ts";

/** A payload has 8,000 bytes at most; one change takes about 50. */
const PER_PAYLOAD = 100;

export async function announce(
  feed: ChangeFeed,
  trx: Kysely<Tables>,
  changes: readonly EnvironmentChange[],
): Promise<void> {
  for (let i = 0; i < changes.length; i += PER_PAYLOAD) {
    const part = changes.slice(i, i + PER_PAYLOAD);
    await feed.notify(
      trx,
      JSON.stringify(part.map(({ environmentId, revision, updatedAt }) => [environmentId, revision, updatedAt])),
    );
  }
}

const isChange = (item: unknown): item is [number, number, number] =>
  Array.isArray(item) && item.length === 3 && item.every((part) => Number.isSafeInteger(part));

/** Anything that is no announcement of ours is nothing: other programs may use the channel. */
export function readAnnouncement(payload: string): EnvironmentChange[] {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return [];
  }
  if (!Array.isArray(value)) return [];
  return value.filter(isChange).map(([environmentId, revision, updatedAt]) => ({ environmentId, revision, updatedAt }));
}
