/** Identities of an environment, to find those that are in a segment. Every query carries the environment. */
import { type Kysely, type SqlBool, sql } from "kysely";
import type { Tables } from "../../db/tables.ts";

const identitiesOf = (db: Kysely<Tables>, environmentId: number) =>
  db.selectFrom("identities").where("environment_id", "=", environmentId);

const columns = ["id", "identifier", "traits"] as const;

const likeAnywhere = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;

/** In the order of their identifiers, from the first one after `after`. */
export function readByIdentifier(
  db: Kysely<Tables>,
  environmentId: number,
  from: { readonly after: string; readonly q?: string | undefined },
  limit: number,
) {
  const all = identitiesOf(db, environmentId).where("identifier", ">", from.after);
  const found = from.q ? all.where(sql<SqlBool>`lower(identifier) like ${likeAnywhere(from.q)} escape '\\'`) : all;
  return found.select(columns).orderBy("identifier").limit(limit).execute();
}
