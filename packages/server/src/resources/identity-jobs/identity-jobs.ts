/** Puts the noun together: how each type of job is done, and the doors to ask for them. */
import type { AdminApi } from "../../http/admin-door.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import { createThread, type Thread } from "../../jobs/thread.ts";
import { createCountSegment } from "./count-job.ts";
import { createDeleteIdentities, createRetention } from "./delete-jobs.ts";
import { createExport } from "./export-job.ts";
import { createImport } from "./import-job.ts";
import { type ImportAdminDeps, mountImports } from "./imports.admin.ts";
import type { IdentityJobDeps } from "./job-batches.ts";
import { mountJobs } from "./jobs.admin.ts";
import { createRemoveOverride, createSetOverride } from "./override-jobs.ts";
import { mountRetention } from "./retention.admin.ts";
import { createDeleteTrait, createSetTraits } from "./trait-jobs.ts";

export const createBatchThread = (): Thread =>
  createThread({
    url: new URL("./batch-thread.ts", import.meta.url),
    fromMain: "resources/identity-jobs/batch-thread.ts",
  });

export function addIdentityJobs(jobs: Jobs, deps: IdentityJobDeps, thread: Thread): void {
  jobs.handle("set_override", createSetOverride(deps));
  jobs.handle("remove_override", createRemoveOverride(deps));
  jobs.handle("set_traits", createSetTraits(deps));
  jobs.handle("delete_trait", createDeleteTrait(deps));
  jobs.handle("delete_identities", createDeleteIdentities(deps));
  jobs.handle("retention", createRetention(deps));
  jobs.handle("export_identities", createExport(deps));
  jobs.handle("count_segment", createCountSegment(deps));
  jobs.handle("import_identities", createImport(deps, thread));
}

export function mountIdentityJobs(api: AdminApi, deps: ImportAdminDeps): void {
  mountJobs(api, deps);
  mountImports(api, deps);
  mountRetention(api, deps);
}
