/** Background jobs with their files, how long an environment keeps identities, and events by identity. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";
import { createTable, type TableSpec } from "./table.ts";

const jobs: TableSpec = {
  columns: {
    id: "id",
    uuid: "text",
    type: "text",
    organisation_id: "integer?",
    environment_id: "integer?",
    payload: "json",
    status: "text",
    wants_cancel: "flag",
    cursor: "json?",
    done: "bigint",
    total: "bigint?",
    changed: "bigint",
    failed: "bigint",
    problems: "json",
    summary: "text",
    result: "json?",
    actor: "text",
    created_by: "text",
    request_id: "text?",
    address: "text?",
    created_at: "bigint",
    started_at: "bigint?",
    finished_at: "bigint?",
    run_at: "bigint",
    lease_owner: "text?",
    lease_until: "bigint?",
    attempts: "integer",
    unique_key: "text?",
    expires_at: "bigint?",
  },
  unique: [["uuid"], ["unique_key"]],
  indexes: [
    ["environment_id", "id"],
    ["organisation_id", "id"],
  ],
};

const files: TableSpec = {
  columns: { job_id: "integer", kind: "text", piece: "integer", first_line: "bigint", text: "text" },
  primaryKey: ["job_id", "kind", "piece"],
};

export function createJobs(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await createTable(db, types, "jobs", jobs);
      await createTable(db, types, "job_files", files);
      // Nearly all jobs are over; looking for work reads only the others.
      await sql`create index jobs_open_idx on jobs (run_at) where status in ('queued', 'running')`.execute(db);
      await db.schema.alterTable("environments").addColumn("identity_retention_days", types.integer).execute();
      await sql`create index events_identifier_idx on events (environment_id, identifier)
        where identifier is not null`.execute(db);
    },
  };
}
