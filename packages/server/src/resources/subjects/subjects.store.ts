/** Everything that is kept about one identifier in an organisation, and its removal. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

/** What one answer holds of each; there may be more. */
export const shownAtMost = { events: 1_000, audit: 1_000 } as const;

export const listEnvironments = (db: Database, organisationId: number) =>
  db
    .selectFrom("environments as e")
    .innerJoin("projects as p", "p.id", "e.project_id")
    .where("p.organisation_id", "=", organisationId)
    .select(["e.id", "e.name", "e.api_key", "p.id as project_id", "p.name as project_name"])
    .orderBy("e.id")
    .execute();

/** Those that were deleted too: the audit log outlives them. */
export async function listAllEnvironmentIds(db: Database, organisationId: number): Promise<number[]> {
  const alive = await listEnvironments(db, organisationId);
  const gone = await db
    .selectFrom("audit")
    .select("object_id")
    .where("organisation_id", "=", organisationId)
    .where("object_type", "=", "environment")
    .where("action", "=", "DELETE")
    .distinct()
    .execute();
  return [...new Set([...alive.map((row) => row.id), ...gone.map((row) => Number(row.object_id))])];
}

export const findIdentity = (db: Database, environmentId: number, identifier: string) =>
  db
    .selectFrom("identities")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("identifier", "=", identifier)
    .executeTakeFirst();

export const listOverrides = (db: Database, environmentId: number, identifier: string) =>
  db
    .selectFrom("identity_overrides as o")
    .leftJoin("features as f", "f.id", "o.feature_id")
    .where("o.environment_id", "=", environmentId)
    .where("o.identifier", "=", identifier)
    .select([
      "o.feature_id",
      "f.name",
      "o.enabled",
      "o.value",
      "o.reason",
      "o.expires_at",
      "o.created_at",
      "o.updated_at",
    ])
    .orderBy("o.id")
    .execute();

export const listEvents = (db: Database, environmentId: number, identifier: string) =>
  db
    .selectFrom("events")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("identifier", "=", identifier)
    .orderBy("id", "desc")
    .limit(shownAtMost.events + 1)
    .execute();

export async function countEvents(db: Database, environmentId: number, identifier: string): Promise<number> {
  const row = await db
    .selectFrom("events")
    .select((e) => e.fn.countAll<number | string>().as("n"))
    .where("environment_id", "=", environmentId)
    .where("identifier", "=", identifier)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

export const listAudit = (db: Database, subjects: readonly string[]) =>
  db
    .selectFrom("audit as a")
    .where("a.id", "in", (e) =>
      e
        .selectFrom("audit_subjects as s")
        .where("s.subject_type", "=", "identity")
        .where("s.subject_id", "in", [...subjects])
        .select("s.audit_id"),
    )
    .select([
      "a.id",
      "a.created_at",
      "a.environment_id",
      "a.actor",
      "a.action",
      "a.object_type",
      "a.log",
      "a.before",
      "a.after",
    ])
    .orderBy("a.id", "desc")
    .limit(shownAtMost.audit + 1)
    .execute();

export interface Removed {
  readonly identities: number;
  readonly overrides: number;
  readonly events: number;
}

export async function removeEverything(db: Database, environmentId: number, identifier: string): Promise<Removed> {
  const from = async (table: "identities" | "identity_overrides" | "events"): Promise<number> => {
    const result = await db
      .deleteFrom(table as "identities")
      .where("environment_id", "=", environmentId)
      .where("identifier", "=", identifier)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  };
  const overrides = await from("identity_overrides");
  return { overrides, identities: await from("identities"), events: await from("events") };
}

/** Entries of a job are about many, and hold nothing of one. */
const OF_MANY = "job";
/** Those of a deleted feature hold the overrides of many, so that undoing brings them back. */
const OF_FEATURE = "feature";

/** What older entries held of the identity goes, and what they are found by; that something happened stays. Answers how many. */
export async function scrubAudit(
  db: Database,
  subjects: readonly string[],
  standIn: string,
  withoutIdentity: (before: string | null) => string | null,
): Promise<number> {
  const rows = await db
    .selectFrom("audit_subjects as s")
    .innerJoin("audit as a", "a.id", "s.audit_id")
    .where("s.subject_type", "=", "identity")
    .where("s.subject_id", "in", [...subjects])
    .select(["s.audit_id", "s.subject_id", "a.object_type"])
    .execute();
  const idsOf = (isMeant: (type: string) => boolean) => [
    ...new Set(rows.filter((row) => isMeant(row.object_type)).map((row) => row.audit_id)),
  ];
  const own = idsOf((type) => type !== OF_MANY && type !== OF_FEATURE);
  const ofFeatures = idsOf((type) => type === OF_FEATURE);
  for (const id of ofFeatures) {
    const entry = await db.selectFrom("audit").select("before").where("id", "=", id).executeTakeFirstOrThrow();
    await db
      .updateTable("audit")
      .set({ before: withoutIdentity(entry.before) })
      .where("id", "=", id)
      .execute();
  }
  for (let start = 0; start < own.length; start += 500) {
    await db
      .updateTable("audit")
      .set({ before: null, after: null, log: "About an identity that was erased" })
      .where("id", "in", own.slice(start, start + 500))
      .execute();
  }
  for (const subject of new Set(rows.map((row) => row.subject_id))) {
    const environment = subject.slice(0, subject.indexOf(":"));
    await sql`update audit_subjects set subject_id = ${`${environment}:${standIn}`}
      where subject_type = 'identity' and subject_id = ${subject}`.execute(db);
  }
  return own.length + ofFeatures.length;
}

export const countAudit = async (db: Database, subjects: readonly string[]): Promise<number> => {
  const row = await db
    .selectFrom("audit_subjects as s")
    .innerJoin("audit as a", "a.id", "s.audit_id")
    .where("s.subject_type", "=", "identity")
    .where("s.subject_id", "in", [...subjects])
    .where("a.object_type", "!=", OF_MANY)
    .select((e) => e.fn.count<number | string>("a.id").distinct().as("n"))
    .executeTakeFirstOrThrow();
  return Number(row.n);
};

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** What finished jobs noted about it; exports, which may hold it, are to be cleared away. Answers the exports. */
export async function scrubJobs(db: Database, organisationId: number, identifier: string): Promise<number[]> {
  const pattern = `%${escapeLike(JSON.stringify(identifier))}%`;
  const noted = await db
    .selectFrom("jobs")
    .select(["id", "problems"])
    .where("organisation_id", "=", organisationId)
    .where("status", "not in", ["queued", "running", "uploading"])
    .where(sql<boolean>`problems like ${pattern} escape '\\'`)
    .execute();
  for (const { id, problems } of noted) {
    const kept = (JSON.parse(problems) as { identifier?: string }[]).filter((one) => one.identifier !== identifier);
    await db
      .updateTable("jobs")
      .set({ problems: JSON.stringify(kept) })
      .where("id", "=", id)
      .execute();
  }
  const exports = await db
    .selectFrom("jobs")
    .select("id")
    .where("organisation_id", "=", organisationId)
    .where("type", "=", "export_identities")
    .where("expires_at", "is not", null)
    .where("status", "=", "done")
    .execute();
  return exports.map((row) => row.id);
}

export async function expireFiles(db: Database, jobIds: readonly number[], now: number): Promise<void> {
  if (jobIds.length === 0) return;
  await db
    .updateTable("jobs")
    .set({ expires_at: now - 1, result: null })
    .where("id", "in", [...jobIds])
    .execute();
  await db
    .deleteFrom("job_files")
    .where("job_id", "in", [...jobIds])
    .execute();
}
