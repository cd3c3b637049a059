/** Waits until searches see what was written. */
import type { Db } from "../db/database.ts";

/**
 * Until nothing is left to be followed. A running app follows as well, and where it is at it, `follow` says that it did nothing: so what
 * counts is that no change is left.
 */
export async function catchUpIndex(db: Db): Promise<void> {
  for (;;) {
    while (await db.identityIndex.follow(1_000, Date.now()));
    const left = await db.kysely.selectFrom("identity_changes").select("seq").limit(1).executeTakeFirst();
    if (!left) return;
    await Bun.sleep(5);
  }
}
