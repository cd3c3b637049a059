/** What those are called who wrote something: people by their address, keys by their name. */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";

export type NameOf = (actor: string | null) => string | null;

const idsOf = (actors: readonly (string | null)[], kind: "user" | "key"): number[] => {
  const ids = new Set<number>();
  for (const actor of actors) {
    const id = actor?.startsWith(`${kind}:`) ? Number(actor.slice(kind.length + 1)) : Number.NaN;
    if (Number.isSafeInteger(id)) ids.add(id);
  }
  return [...ids];
};

/** Whoever is gone, and parts of the program, are called what the row calls them. */
export async function readNames(db: Kysely<Tables>, actors: readonly (string | null)[]): Promise<NameOf> {
  const names = new Map<string, string>();
  const users = idsOf(actors, "user");
  if (users.length > 0) {
    const rows = await db.selectFrom("users").select(["id", "email"]).where("id", "in", users).execute();
    for (const { id, email } of rows) names.set(`user:${id}`, email);
  }
  const keys = idsOf(actors, "key");
  if (keys.length > 0) {
    const rows = await db.selectFrom("organisation_keys").select(["id", "name"]).where("id", "in", keys).execute();
    for (const { id, name } of rows) names.set(`key:${id}`, name);
  }
  return (actor) => (actor === null ? null : (names.get(actor) ?? actor));
}
