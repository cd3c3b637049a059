/** A file of identities, sent as the request's body: read to its end before anybody is told that it will be done. */
import { drf } from "@burgee/contract";
import { dryRunSchema, importQuery, jobSchema } from "@burgee/contract/admin";
import { AppError } from "../../errors.ts";
import { type AdminApi, answer, badRequest } from "../../http/admin-door.ts";
import { askerOf } from "../../http/asker.ts";
import { allowLongRequest } from "../../http/long-request.ts";
import type { Thread } from "../../jobs/thread.ts";
import type { JobAdminDeps } from "./jobs.admin.ts";
import { MAY_MANAGE, MAY_OVERRIDE, mayAny, scopeFor } from "./may.ts";
import { presentJob } from "./present-job.ts";
import { RowFault } from "./read-fields.ts";
import { SpoolFault } from "./spool.ts";
import { placeOf } from "./start-job.ts";
import { countImport, spoolImport } from "./take-import.ts";

const tag = "jobs";

export interface ImportAdminDeps extends JobAdminDeps {
  readonly thread: Thread;
  /** Bytes of a file. */
  readonly importLimit: number;
}

function refuseFile(error: unknown): never {
  if (error instanceof SpoolFault || error instanceof RowFault) throw badRequest({ file: [error.message] });
  throw error;
}

export function mountImports(api: AdminApi, deps: ImportAdminDeps): void {
  api.route(
    {
      method: "post",
      path: "/api/v1/environments/{key}/identity-imports/",
      summary: "Import identities from a file, which is the body: CSV or a line of JSON each",
      tag,
      params: drf.object({ key: drf.string() }),
      query: importQuery,
      responses: { 200: dryRunSchema, 202: jobSchema },
    },
    async ({ access, params, query, request, audited }) => {
      const scope = await scopeFor(access, params.key, MAY_MANAGE);
      const mayOverride = await mayAny(access, scope, MAY_OVERRIDE);
      if (Number(request.headers.get("content-length") ?? 0) > deps.importLimit) throw new AppError("too_large");
      if (!request.body) throw badRequest({ file: ["There is no body."] });
      allowLongRequest(request);
      const asked = { place: placeOf(scope), format: query.format, mayOverride, body: request.body };
      if (query.dry_run) {
        const counts = await countImport(deps, asked).catch(refuseFile);
        return { type: "import_identities", dry_run: true, ...counts };
      }
      const job = await spoolImport(deps, asked, askerOf(access.caller, audited)).catch(refuseFile);
      return answer(202, presentJob(job, scope.environment.api_key));
    },
  );
}
