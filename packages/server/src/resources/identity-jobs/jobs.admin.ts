/** Work on many identities: ask for it, try it, watch it, end it, fetch what it made. */
import { drf } from "@burgee/contract";
import { dryRunSchema, jobInput, jobSchema, pageFields, pageSchema, queryFaultSchema } from "@burgee/contract/admin";
import { z } from "zod";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, answer } from "../../http/admin-door.ts";
import { askerOf } from "../../http/asker.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import type { JobRow } from "../../jobs/job.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import { dryRun } from "./dry-run.ts";
import type { IdentityJobDeps } from "./job-batches.ts";
import { findEnvironmentJob, listEnvironmentJobs } from "./jobs-list.store.ts";
import { jobTypesKnown, MAY_VIEW, mayAny, mayStart, scopeFor } from "./may.ts";
import { fileOf, presentJob } from "./present-job.ts";
import { placeOf, readPayload } from "./start-job.ts";

const LIST = "/api/v1/environments/{key}/jobs/";
const ONE = `${LIST}{id}/`;
const tag = "jobs";
const environmentParams = drf.object({ key: drf.string() });
const jobParams = drf.object({ key: drf.string(), id: drf.string() });

export interface JobAdminDeps extends IdentityJobDeps {
  readonly jobs: Jobs;
}

/** Whoever may ask for such work may see it, and whoever may see identities. */
const mayRead = (type: string): readonly string[] =>
  mayStart(type).includes("ADMIN") ? mayStart(type) : [...mayStart(type), ...MAY_VIEW];

async function typesFor(access: Access, scope: EnvironmentScope): Promise<string[] | null> {
  if (await access.mayInEnvironment(scope, "ADMIN")) return null;
  const seen = await Promise.all(jobTypesKnown.map((type) => mayAny(access, scope, mayRead(type))));
  return jobTypesKnown.filter((_type, i) => seen[i]);
}

async function jobFor(
  { db }: JobAdminDeps,
  access: Access,
  params: { readonly key: string; readonly id: string },
  anyOf: (type: string) => readonly string[],
): Promise<{ job: JobRow; scope: EnvironmentScope }> {
  const scope = await access.environment(params.key, "VIEW");
  const job = await findEnvironmentJob(db.kysely, scope.environment.id, params.id.toLowerCase());
  if (!job) throw new AppError("not_found");
  if (!(await mayAny(access, scope, anyOf(job.type)))) throw new AppError("forbidden");
  return { job, scope };
}

export function mountJobs(api: AdminApi, deps: JobAdminDeps): void {
  const { db, jobs } = deps;

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Have something done to many identities, or see what would be done",
      tag,
      params: environmentParams,
      body: jobInput,
      responses: { 200: dryRunSchema, 202: jobSchema, 400: queryFaultSchema },
    },
    async ({ access, params, body, audited }) => {
      const scope = await scopeFor(access, params.key, mayStart(body.type));
      const payload = await readPayload(deps, access, scope, body);
      if (body.dry_run) return { type: body.type, dry_run: true, ...(await dryRun(deps, body.type, payload)) };
      const { organisationId, environmentId } = placeOf(scope);
      const asker = askerOf(access.caller, audited);
      const job = await jobs.add({ type: body.type, organisationId, environmentId, payload, asker });
      if (!job) throw new Error("a job without a key was there already");
      return answer(202, presentJob(job, scope.environment.api_key));
    },
  );

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Jobs of an environment that the caller may see, the newest first",
      tag,
      params: environmentParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(jobSchema) },
    },
    async ({ access, params, query, request }) => {
      const scope = await access.environment(params.key, "VIEW");
      const types = await typesFor(access, scope);
      const page = pageOf(query);
      const found = await listEnvironmentJobs(db.kysely, scope.environment.id, types, page);
      return answerPage(
        request,
        page,
        found.count,
        found.rows.map((row) => presentJob(row, scope.environment.api_key)),
      );
    },
  );

  mountOne(api, deps);
}

function mountOne(api: AdminApi, deps: JobAdminDeps): void {
  const { db, jobs } = deps;

  api.route(
    { method: "get", path: ONE, summary: "How far a job is", tag, params: jobParams, responses: { 200: jobSchema } },
    async ({ access, params }) => {
      const { job, scope } = await jobFor(deps, access, params, mayRead);
      return presentJob(job, scope.environment.api_key);
    },
  );

  api.route(
    {
      method: "post",
      path: `${ONE}cancel/`,
      summary: "End a job after the batch it is in; what is done stays done",
      tag,
      params: jobParams,
      responses: { 200: jobSchema },
    },
    async ({ access, params }) => {
      const { job, scope } = await jobFor(deps, access, params, mayStart);
      await jobs.cancel(job);
      const now = await findEnvironmentJob(db.kysely, scope.environment.id, job.uuid);
      return presentJob(now ?? job, scope.environment.api_key);
    },
  );

  api.route(
    {
      method: "get",
      path: `${ONE}result/`,
      summary: "The file that a job made; it is kept for a day",
      tag,
      params: jobParams,
      responses: { 200: z.unknown().describe("The file.") },
    },
    async ({ access, params }) => {
      const { job } = await jobFor(deps, access, params, mayStart);
      const file = fileOf(job);
      if (!file) throw new AppError("not_found");
      return new Response(jobs.files.stream(job.id, "output"), {
        headers: {
          "Content-Type": file.type,
          "Content-Disposition": `attachment; filename="${file.name}"`,
          "Cache-Control": "no-store",
          "X-Content-Type-Options": "nosniff",
        },
      });
    },
  );
}
