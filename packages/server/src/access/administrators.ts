/** An organisation that had an administrator never loses its last one by somebody leaving or stepping down. */
import type { Kysely, Transaction } from "kysely";
import type { Db } from "../db/database.ts";
import type { Role, Tables } from "../db/tables.ts";

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

/** Organisations where this person is the only one of these roles. */
const soleIn = (db: Kysely<Tables>, userId: number, roles: readonly Role[]): Promise<Administered[]> =>
  db
    .selectFrom("organisation_members as own")
    .innerJoin("organisations", "organisations.id", "own.organisation_id")
    .select(["organisations.id", "organisations.name"])
    .where("own.user_id", "=", userId)
    .where("own.role", "in", [...roles])
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("organisation_members as other")
            .select("other.user_id")
            .whereRef("other.organisation_id", "=", "own.organisation_id")
            .where("other.role", "in", [...roles])
            .where("other.user_id", "!=", userId),
        ),
      ),
    )
    .orderBy("organisations.id")
    .execute();

/** The organisations that this person administers and nobody else does. */
export const soleAdministrations = (db: Kysely<Tables>, userId: number): Promise<Administered[]> =>
  soleIn(db, userId, ["ADMIN"]);

/** The organisations that have no other member. */
export const soleMemberships = (db: Kysely<Tables>, userId: number): Promise<Administered[]> =>
  soleIn(db, userId, ["ADMIN", "USER"]);
