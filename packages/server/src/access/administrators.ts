/** An organisation that had an administrator never loses its last one by somebody leaving or stepping down. */
import type { Kysely, Transaction } from "kysely";
import type { Db } from "../db/database.ts";
import type { Tables } from "../db/tables.ts";

/** Two administrators who leave at once must not both see the other: call it before looking. */
export async function lockOrganisations(db: Db, trx: Transaction<Tables>, ids: readonly number[]): Promise<void> {
  // A store for one process has one writer: the transaction is the lock.
  if (!db.capabilities.multiNode || ids.length === 0) return;
  await trx
    .selectFrom("organisations")
    .select("id")
    .where("id", "in", [...ids])
    .orderBy("id")
    .forUpdate()
    .execute();
}

export interface Administered {
  readonly id: number;
  readonly name: string;
}

/** The organisations that this person administers and nobody else does. */
export function soleAdministrations(db: Kysely<Tables>, userId: number): Promise<Administered[]> {
  return db
    .selectFrom("organisation_members as own")
    .innerJoin("organisations", "organisations.id", "own.organisation_id")
    .select(["organisations.id", "organisations.name"])
    .where("own.user_id", "=", userId)
    .where("own.role", "=", "ADMIN")
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("organisation_members as other")
            .select("other.user_id")
            .whereRef("other.organisation_id", "=", "own.organisation_id")
            .where("other.role", "=", "ADMIN")
            .where("other.user_id", "!=", userId),
        ),
      ),
    )
    .orderBy("organisations.id")
    .execute();
}
