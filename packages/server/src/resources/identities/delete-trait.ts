/** Takes a trait key from every identity of an environment, as a job: of few it is done when this returns, of very many soon. */
import type { EnvironmentScope } from "../../access/access.ts";
import type { Caller } from "../../access/caller.ts";
import type { AuditedRequest } from "../../http/admin-door.ts";
import { askerOf } from "../../http/asker.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import type { IdentityAdminDeps } from "./admin-scope.ts";

export interface DeleteTraitDeps extends IdentityAdminDeps {
  readonly jobs: Jobs;
}

/** A caller who is used to waiting finds it done; nobody waits for a million. */
const WAIT_MS = 2_000;

/** The audit entry comes with the job and says what was asked for; the job's own says what came of it. */
export async function deleteTraitEverywhere(
  { changes, jobs }: DeleteTraitDeps,
  { project, environment }: EnvironmentScope,
  caller: Caller,
  audited: AuditedRequest,
  key: string,
): Promise<void> {
  const place = {
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: environment.id,
    environmentName: environment.name,
  };
  const job = await changes.commit(audited, async (trx) => ({
    result: await jobs.add(
      {
        type: "delete_trait",
        organisationId: place.organisationId,
        environmentId: place.environmentId,
        payload: { place, key },
        asker: askerOf(caller, audited),
      },
      trx,
    ),
    entries: [
      {
        action: "DELETE" as const,
        objectType: "trait",
        objectId: key,
        organisationId: place.organisationId,
        projectId: place.projectId,
        environmentId: place.environmentId,
        log: `Trait ${key} removed from every identity of ${environment.name}`,
        before: { key },
        after: null,
      },
    ],
  }));
  if (job) await jobs.settled(job, WAIT_MS);
}
