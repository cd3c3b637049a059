/**
 * Takes one identifier out of every environment of an organisation, and out of what was noted about it. The receipt, which is an
 * entry of the audit log, says how much was removed and holds none of it; whoever knows the identifier can match it to the hash.
 */
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import { type Changes, identitySubject, type RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import { isoMicros } from "../../documents/load.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import { withOverridesOf } from "./feature-entries.ts";
import { hashOf, scrubDeliveries } from "./forget-deliveries.ts";
import {
  countAudit,
  countEvents,
  expireFiles,
  findIdentity,
  listAllEnvironmentIds,
  listEnvironments,
  listOverrides,
  removeEverything,
  scrubAudit,
  scrubJobs,
} from "./subjects.store.ts";

export interface EraseDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly jobs: Pick<Jobs, "add">;
  readonly news: { changed(environmentId: number, identifier: string): void };
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Receipt {
  readonly id: string;
  /** null: nothing was erased, only counted. */
  readonly erased_at: string | null;
  readonly environments: readonly {
    readonly environment: number;
    readonly identities: number;
    readonly overrides: number;
    readonly events: number;
  }[];
  readonly audit_entries: number;
  readonly identifier_hash: string;
}

const isSomething = (row: { identities: number; overrides: number; events: number }): boolean =>
  row.identities + row.overrides + row.events > 0;

export async function countErasure({ db }: EraseDeps, organisationId: number, identifier: string): Promise<Receipt> {
  const { kysely } = db;
  const counts = [];
  for (const { id } of await listEnvironments(kysely, organisationId)) {
    counts.push({
      environment: id,
      identities: (await findIdentity(kysely, id, identifier)) ? 1 : 0,
      overrides: (await listOverrides(kysely, id, identifier)).length,
      events: await countEvents(kysely, id, identifier),
    });
  }
  const ids = await listAllEnvironmentIds(kysely, organisationId);
  const subjects = ids.map((id) => identitySubject(id, identifier));
  const id = randomUUID();
  return {
    id,
    erased_at: null,
    environments: counts.filter(isSomething),
    audit_entries: subjects.length > 0 ? await countAudit(kysely, subjects) : 0,
    identifier_hash: hashOf(id, identifier),
  };
}

async function eraseIn(trx: Transaction<Tables>, organisationId: number, identifier: string, receipt: string) {
  const counts = [];
  for (const { id } of await listEnvironments(trx, organisationId)) {
    counts.push({ environment: id, ...(await removeEverything(trx, id, identifier)) });
  }
  const ids = await listAllEnvironmentIds(trx, organisationId);
  const subjects = ids.map((id) => identitySubject(id, identifier));
  const withoutIt = (before: string | null) => withOverridesOf(before, (other) => other !== identifier);
  const scrubbed = subjects.length > 0 ? await scrubAudit(trx, subjects, `erased ${receipt}`, withoutIt) : 0;
  return { scrubbed, counts: counts.filter(isSomething) };
}

export async function erase(
  { changes, jobs, news, now }: EraseDeps,
  organisationId: number,
  audited: RequestInfo,
  identifier: string,
): Promise<Receipt> {
  const receipt = await changes.commit(audited, async (trx) => {
    const erasedAt = now();
    const id = randomUUID();
    const { scrubbed, counts } = await eraseIn(trx, organisationId, identifier, id);
    await expireFiles(trx, await scrubJobs(trx, organisationId, identifier), erasedAt);
    const asker = { actor: audited.actor, name: "Erasure", requestId: audited.requestId };
    await scrubDeliveries(trx, jobs, { organisationId, identifier, receipt: id, erasedAt, asker });
    const made: Receipt = {
      id,
      erased_at: isoMicros(erasedAt, "Z"),
      environments: counts,
      audit_entries: scrubbed,
      identifier_hash: hashOf(id, identifier),
    };
    const entry = {
      action: "DELETE" as const,
      objectType: "erasure",
      objectId: id,
      organisationId,
      projectId: null,
      environmentId: null,
      log: `An identity was erased from ${counts.length === 1 ? "1 environment" : `${counts.length} environments`}`,
      before: null,
      after: made,
    };
    const moved = counts.filter((row) => row.overrides > 0).map((row) => row.environment);
    return { result: made, entries: [entry], environments: moved };
  });
  for (const { environment } of receipt.environments) news.changed(environment, identifier);
  return receipt;
}
