/** Takes away what nobody will ask for any more. Every node does; two at once do no harm. */
import type { Db } from "../db/database.ts";
import type { JobFiles } from "./job-files.ts";
import { deleteJob, deleteOldJobs, forgetFiles, listExpired } from "./job-rows.ts";

const KEEP_JOBS_MS = 30 * 86_400_000;
const STEP = 50;

/** Files whose day is over, uploads that broke off, and jobs of more than a month ago. */
export async function cleanUp({ kysely }: Db, files: JobFiles, now: number): Promise<void> {
  for (;;) {
    const expired = await listExpired(kysely, now, STEP);
    for (const { id, status } of expired) {
      await files.remove(id, "input");
      await files.remove(id, "output");
      if (status === "uploading") await deleteJob(kysely, id);
      else await forgetFiles(kysely, id);
    }
    if (expired.length < STEP) break;
  }
  await deleteOldJobs(kysely, now - KEEP_JOBS_MS);
}
