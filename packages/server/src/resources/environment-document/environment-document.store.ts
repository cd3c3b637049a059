/** All identity overrides of an environment whose end was not announced yet, for clients that evaluate by themselves. Read in pages, so no query is unbounded. */
import type { Db } from "../../db/database.ts";

export interface EnvironmentOverride {
  readonly identifier: string;
  readonly id: number;
  readonly uuid: string;
  readonly feature_id: number;
  readonly enabled: number;
  readonly value: string;
  readonly hash_seed: string;
  readonly variants: string;
  readonly expires_at: number | null;
  readonly is_expired: number;
  readonly identity_id: number;
  readonly identity_created_at: number;
}

const PAGE = 5000;

export async function* listOverrides(db: Db, environmentId: number): AsyncGenerator<EnvironmentOverride[]> {
  let after = 0;
  for (;;) {
    const page = await db.kysely
      .selectFrom("identity_overrides as o")
      .innerJoin("identities as i", (join) =>
        join.onRef("i.environment_id", "=", "o.environment_id").onRef("i.identifier", "=", "o.identifier"),
      )
      .where("o.environment_id", "=", environmentId)
      .where("o.is_expired", "=", 0)
      .where("o.id", ">", after)
      .select(["o.identifier", "o.id", "o.uuid", "o.feature_id", "o.enabled", "o.value", "o.hash_seed", "o.variants"])
      .select(["o.expires_at", "o.is_expired"])
      .select(["i.id as identity_id", "i.created_at as identity_created_at"])
      .orderBy("o.id")
      .limit(PAGE)
      .execute();
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page[page.length - 1]?.id ?? after;
  }
}
