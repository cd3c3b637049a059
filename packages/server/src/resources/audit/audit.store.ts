/** The audit log as it is read; it is only ever written by changes.commit. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { UsersTable } from "../../db/admin-tables.ts";
import type { AuditTable, EnvironmentsTable, ProjectsTable, Tables } from "../../db/tables.ts";

export type AuditRow = Selectable<AuditTable>;

export interface AuditFilter {
  /** What the caller may see; at least one of them is set. */
  readonly organisationId?: number;
  readonly projectIds?: readonly number[];
  readonly environmentIds?: readonly number[];
  /** In the sentence or in the e-mail address of who did it. */
  readonly search?: string;
  /** Done by no person and no key. */
  readonly isSystemEvent?: boolean;
  /** "user:12" or "key:5". */
  readonly actor?: string;
  readonly subject?: { readonly type: string; readonly id: string };
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

function filtered(db: Kysely<Tables>, filter: AuditFilter) {
  let query = db.selectFrom("audit");
  if (filter.organisationId !== undefined) query = query.where("audit.organisation_id", "=", filter.organisationId);
  if (filter.projectIds) query = query.where("audit.project_id", "in", [...filter.projectIds, -1]);
  if (filter.environmentIds) query = query.where("audit.environment_id", "in", [...filter.environmentIds, -1]);
  if (filter.actor) query = query.where("audit.actor", "=", filter.actor);
  if (filter.isSystemEvent !== undefined) {
    const byCaller = sql<boolean>`(audit.actor like 'user:%' or audit.actor like 'key:%')`;
    query = query.where(filter.isSystemEvent ? sql<boolean>`not ${byCaller}` : byCaller);
  }
  if (filter.search) {
    const like = sql`lower(${`%${escapeLike(filter.search)}%`}) escape '\\'`;
    query = query.where(
      sql<boolean>`(lower(audit.log) like ${like} or audit.actor in (
        select 'user:' || cast(users.id as text) from users where lower(users.email) like ${like}))`,
    );
  }
  const { subject } = filter;
  if (subject) {
    query = query.where((where) =>
      where.exists(
        where
          .selectFrom("audit_subjects")
          .select("audit_id")
          .whereRef("audit_subjects.audit_id", "=", "audit.id")
          .where("subject_type", "=", subject.type)
          .where("subject_id", "=", subject.id),
      ),
    );
  }
  return query;
}

/** Newest first. */
export async function listAudit(
  db: Kysely<Tables>,
  filter: AuditFilter,
  { offset, limit }: { readonly offset: number; readonly limit: number },
) {
  const { count } = await filtered(db, filter)
    .select((e) => e.fn.countAll<number | string>().as("count"))
    .executeTakeFirstOrThrow();
  const rows = await filtered(db, filter)
    .selectAll("audit")
    .orderBy("audit.id", "desc")
    .offset(offset)
    .limit(limit)
    .execute();
  return { count: Number(count), rows };
}

export const findAudit = (db: Kysely<Tables>, filter: AuditFilter, id: number): Promise<AuditRow | undefined> =>
  filtered(db, filter).selectAll("audit").where("audit.id", "=", id).executeTakeFirst();

export interface AuditPeople {
  readonly users: ReadonlyMap<number, Selectable<UsersTable>>;
  readonly projects: ReadonlyMap<number, Selectable<ProjectsTable>>;
  readonly environments: ReadonlyMap<number, Selectable<EnvironmentsTable>>;
}

/** Never empty, since no database takes an empty list; nothing has the number 0. */
const distinct = (ids: readonly (number | null)[]): number[] => [...new Set([0, ...ids.filter((id) => id !== null)])];

const byId = <Row extends { readonly id: number }>(rows: readonly Row[]): ReadonlyMap<number, Row> =>
  new Map(rows.map((row) => [row.id, row]));

export const userIdOf = (actor: string): number | null => {
  const id = /^user:(\d+)$/.exec(actor)?.[1];
  return id === undefined ? null : Number(id);
};

/** Who and what the rows name, as far as it still exists. */
export async function readNamed(db: Kysely<Tables>, rows: readonly AuditRow[]): Promise<AuditPeople> {
  const users = distinct(rows.map((row) => userIdOf(row.actor)));
  const projects = distinct(rows.map((row) => row.project_id));
  const environments = distinct(rows.map((row) => row.environment_id));
  return {
    users: byId(await db.selectFrom("users").selectAll().where("id", "in", users).execute()),
    projects: byId(await db.selectFrom("projects").selectAll().where("id", "in", projects).execute()),
    environments: byId(await db.selectFrom("environments").selectAll().where("id", "in", environments).execute()),
  };
}

export const findUserByEmail = (db: Kysely<Tables>, email: string) =>
  db.selectFrom("users").select("id").where("email", "=", email.toLowerCase()).executeTakeFirst();
