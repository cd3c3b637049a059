/** A job as its routes show it. */
import type { JobProblem, JobStatus, JobView } from "@burgee/contract/admin";
import { isoMicros } from "../../documents/load.ts";
import type { JobRow } from "../../jobs/job.ts";

interface StoredResult {
  readonly file?: { readonly type: string; readonly name: string };
}

const resultOf = (row: JobRow): StoredResult | null =>
  row.result === null ? null : (JSON.parse(row.result) as StoredResult);

export const fileOf = (row: JobRow) => (row.expires_at === null ? undefined : resultOf(row)?.file);

const date = (millis: number | null): string | null => (millis === null ? null : isoMicros(millis, "Z"));

export function presentJob(row: JobRow, environmentKey: string): JobView {
  const { file: _file, ...figures } = (resultOf(row) ?? {}) as StoredResult & Record<string, number>;
  const isOpen = row.status === "queued" || row.status === "running";
  return {
    id: row.uuid,
    type: row.type,
    status: row.status as JobStatus,
    progress: { done: row.done, total: row.total, changed: row.changed, failed: row.failed },
    created_date: isoMicros(row.created_at, "Z"),
    started_date: date(row.started_at),
    finished_date: date(row.finished_at),
    created_by: row.created_by,
    summary: row.summary,
    result: Object.keys(figures).length > 0 ? figures : null,
    problems: JSON.parse(row.problems) as JobProblem[],
    result_url: fileOf(row) ? `/api/v1/environments/${environmentKey}/jobs/${row.uuid}/result/` : null,
    cancellable: isOpen && row.wants_cancel === 0,
  };
}
