/** Takes a trait key from every identity of an environment, in steps short enough for everybody else's writes. */
import { sql } from "kysely";
import type { EnvironmentScope } from "../../access/access.ts";
import type { AuditedRequest } from "../../http/admin-door.ts";
import type { IdentityAdminDeps } from "./admin-scope.ts";

/** Ids a step. */
const STEP = 5000;

/**
 * The audit entry comes first and says what was asked for: should the process die halfway, the log tells why some traits
 * are gone, and asking again does the rest.
 */
export async function deleteTraitEverywhere(
  { db, changes }: IdentityAdminDeps,
  { project, environment }: EnvironmentScope,
  audited: AuditedRequest,
  key: string,
): Promise<void> {
  await changes.commit(audited, async () => ({
    result: undefined,
    entries: [
      {
        action: "DELETE" as const,
        objectType: "trait",
        objectId: key,
        organisationId: project.organisation_id,
        projectId: project.id,
        environmentId: environment.id,
        log: `Trait ${key} removed from every identity of ${environment.name}`,
        before: { key },
        after: null,
      },
    ],
  }));
  const { rows } = await sql<{ low: number | null; high: number | null }>`
    select min(id) as low, max(id) as high from identities where environment_id = ${environment.id}`.execute(db.kysely);
  const { low, high } = rows[0] ?? { low: null, high: null };
  if (low === null || high === null) return;
  const patch = JSON.stringify({ [key]: null });
  for (let from = low; from <= high; from += STEP) {
    await db.lane.write(
      `UPDATE identities SET traits = ${db.capabilities.mergeTraits} WHERE environment_id = ? AND id >= ? AND id < ? AND EXISTS (SELECT 1 FROM ${db.capabilities.eachTrait}(identities.traits) AS trait WHERE trait.key = ?)`,
      [patch, environment.id, from, from + STEP, key],
    );
  }
}
