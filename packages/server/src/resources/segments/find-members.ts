import type { TraitValue } from "@burgee/engine";
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";
import type { Candidate } from "../../documents/match-rules.ts";
import { readByIdentifier } from "./members.store.ts";
import { readTraits } from "./read-traits.ts";

/** Identities looked at together. */
const CHUNK = 1000;
/** Looked at for one page: then it ends as it is, and the caller goes on from there. */
const MOST_LOOKED_AT = 40_000;

interface Wanted {
  readonly isMember: (candidate: Candidate) => boolean;
  /** The identifier that the page before ended with. */
  readonly after: string;
  readonly q?: string | undefined;
  readonly limit: number;
}

interface Member {
  readonly identifier: string;
  readonly traits: Readonly<Record<string, TraitValue>>;
}

/** A page of members in the order of their identifiers. `next` is null when there is nobody left to look at. */
export async function findMembers(
  db: Kysely<Tables>,
  environmentId: number,
  { isMember, after, q, limit }: Wanted,
): Promise<{ readonly members: readonly Member[]; readonly next: string | null }> {
  const members: Member[] = [];
  let from = after;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += CHUNK) {
    const rows = await readByIdentifier(db, environmentId, { after: from, q }, CHUNK);
    for (const { id, identifier, traits: stored } of rows) {
      from = identifier;
      const traits = readTraits(stored);
      if (!isMember({ id, identifier, traits })) continue;
      members.push({ identifier, traits });
      if (members.length === limit) return { members, next: from };
    }
    if (rows.length < CHUNK) return { members, next: null };
  }
  return { members, next: from };
}
