/** Projects: settings, limits, and their end. */

import { drf } from "@burgee/contract";
import {
  environmentCloneSchema,
  idParams,
  noSuchRow,
  type ProjectPatch,
  projectDetailSchema,
  projectInput,
  projectPatch,
  projectSchema,
  projectUpdate,
  rowId,
  uuidParams,
} from "@burgee/contract/admin";
import { z } from "zod";
import type { Access } from "../../access/access.ts";
import { deleteScopeGrants, grantCreator } from "../../access/grants.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { isNamePattern } from "../../documents/name-pattern.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { askerOf } from "../../http/asker.ts";
import { endEnvironments } from "../../jobs/end-environments.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import { auditedProject, presentProject, presentProjectDetail } from "./present-project.ts";
import {
  countContents,
  type Database,
  deleteProject,
  environmentIds,
  findByName,
  findByUuid,
  findOrganisation,
  findProject,
  insertProject,
  type ProjectColumns,
  type ProjectRow,
  updateProject,
} from "./projects.store.ts";

export interface ProjectDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly jobs: Jobs;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const LIST = "/api/v1/projects/";
const ONE = "/api/v1/projects/{id}/";
const tag = "projects";

const columnsOf = (body: ProjectPatch) => ({
  name: body.name,
  hide_disabled_flags: flag(body.hide_disabled_flags),
  prevent_flag_defaults: flag(body.prevent_flag_defaults),
  enable_realtime_updates: flag(body.enable_realtime_updates),
  only_allow_lower_case_feature_names: flag(body.only_allow_lower_case_feature_names),
  // "" is no pattern, as null is.
  feature_name_regex: body.feature_name_regex === "" ? null : body.feature_name_regex,
  stale_flags_limit_days: body.stale_flags_limit_days,
  minimum_change_request_approvals: body.minimum_change_request_approvals,
  enforce_feature_owners: flag(body.enforce_feature_owners),
  max_features_allowed: body.max_features_allowed,
  max_segments_allowed: body.max_segments_allowed,
  max_segment_overrides_allowed: body.max_segment_overrides_allowed,
});

/** What environment documents say of their project. */
const EVALUATED = ["name", "hide_disabled_flags", "enable_realtime_updates"] as const;

const entryOf = (action: AuditEntry["action"], log: string, before: ProjectRow | null, after: ProjectRow | null) => {
  const row = (after ?? before) as ProjectRow;
  return {
    action,
    objectType: "project",
    objectId: String(row.id),
    organisationId: row.organisation_id,
    projectId: row.id,
    environmentId: null,
    log,
    before: before && auditedProject(before),
    after: after && auditedProject(after),
  };
};

async function refuseTakenName(db: Database, organisationId: number, name: string): Promise<void> {
  if (await findByName(db, organisationId, name)) {
    throw badRequest({ non_field_errors: ["A project with this name already exists."] });
  }
}

function refuseBadPattern({ feature_name_regex: pattern }: ProjectPatch): void {
  if (pattern && !isNamePattern(pattern)) throw badRequest({ feature_name_regex: ["Not a valid regular expression."] });
}

export function mountProjects(api: AdminApi, deps: ProjectDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Projects that the caller may see",
      tag,
      query: drf.object({ organisation: rowId().optional(), uuid: drf.string().optional() }),
      responses: { 200: z.array(projectSchema) },
    },
    async ({ access, query }) => {
      const rows = await access.visibleProjects(query.organisation);
      const uuid = query.uuid?.toLowerCase();
      return rows.filter((row) => uuid === undefined || row.uuid === uuid).map(presentProject);
    },
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/organisations/{id}/projects/",
      summary: "Projects of an organisation that the caller may see",
      tag,
      params: idParams,
      responses: { 200: z.array(projectSchema) },
    },
    async ({ access, params }) => {
      const { id } = await access.organisation(params.id, "VIEW");
      return (await access.visibleProjects(id)).map(presentProject);
    },
  );

  const detail = async (row: ProjectRow) => presentProjectDetail(row, await countContents(db.kysely, row.id));

  api.route(
    {
      method: "get",
      path: `${LIST}get-by-uuid/{uuid}/`,
      summary: "One project by its uuid",
      tag,
      params: uuidParams,
      responses: { 200: projectDetailSchema },
    },
    async ({ access, params }) => {
      const found = await findByUuid(db.kysely, params.uuid.toLowerCase());
      return detail((await access.project(found?.id ?? 0, "VIEW")).project);
    },
  );

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "One project, its limits and how much it holds",
      tag,
      params: idParams,
      responses: { 200: projectDetailSchema },
    },
    async ({ access, params }) => detail((await access.project(params.id, "VIEW")).project),
  );

  api.route(
    {
      method: "get",
      path: `${ONE}environments/`,
      summary: "Environments of a project that the caller may see",
      tag,
      params: idParams,
      responses: { 200: z.array(environmentCloneSchema) },
    },
    async ({ access, params }) => {
      const { project } = await access.project(params.id, "VIEW");
      const rows = await access.visibleEnvironments(project);
      return rows.map((row) => ({ id: row.id, name: row.name, api_key: row.api_key, project: row.project_id }));
    },
  );

  mountWrites(api, deps);
}

function mountWrites(api: AdminApi, deps: ProjectDeps): void {
  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create a project, whose administrator the caller becomes",
      tag,
      body: projectInput,
      responses: { 201: projectSchema },
    },
    async ({ access, body, audited }) => {
      await mayCreate(deps, access, body.organisation);
      refuseBadPattern(body);
      return created(presentProject(await create(deps, access, audited, body)));
    },
  );

  for (const [method, body] of [
    ["put", projectUpdate],
    ["patch", projectPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a project's settings; what is left out stays",
        tag,
        params: idParams,
        body,
        responses: { 200: projectSchema },
      },
      async ({ access, params, body: wanted, audited }) => {
        await access.project(params.id, "ADMIN");
        refuseBadPattern(wanted);
        return presentProject(await update(deps, audited, params.id, wanted));
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete a project with everything in it",
      tag,
      params: idParams,
      responses: { 204: null },
    },
    async ({ access, params, audited }) => {
      const { project } = await access.project(params.id, "ADMIN");
      await deps.changes.commit(audited, async (trx) => {
        const environments = await environmentIds(trx, project.id);
        await deleteScopeGrants(trx, "project", [project.id]);
        await deleteScopeGrants(trx, "environment", environments);
        const asker = askerOf(access.caller, audited);
        const ending = { organisationId: project.organisation_id, asker, now: deps.now() };
        await endEnvironments(deps.jobs, trx, environments, ending);
        await deleteProject(trx, project.id);
        const entries = [entryOf("DELETE", `Project deleted: ${project.name}`, project, null)];
        return { result: undefined, entries, environments };
      });
      return noContent();
    },
  );
}

/** The organisation comes in the body: one that the caller does not belong to is as good as none. */
async function mayCreate({ db }: ProjectDeps, access: Access, organisationId: number): Promise<void> {
  const row = access.caller.organisations.has(organisationId) && (await findOrganisation(db.kysely, organisationId));
  if (!row) throw badRequest({ organisation: [noSuchRow(organisationId)] });
  const need = row.restrict_project_create_to_admin === 1 ? "ADMIN" : "CREATE_PROJECT";
  if (!(await access.mayInOrganisation(organisationId, need))) throw new AppError("forbidden");
}

const create = (
  { changes, now }: ProjectDeps,
  { caller, mayInOrganisation }: Access,
  audited: RequestInfo,
  body: ProjectPatch & { readonly name: string; readonly organisation: number },
) =>
  changes.commit(audited, async (trx) => {
    await refuseTakenName(trx, body.organisation, body.name);
    const columns = differing<ProjectColumns>({}, columnsOf(body));
    const row = await insertProject(trx, { ...columns, name: body.name, organisation_id: body.organisation }, now());
    if (!(await mayInOrganisation(body.organisation, "ADMIN"))) await grantCreator(trx, caller, "project", row.id);
    return { result: row, entries: [entryOf("CREATE", `Project created: ${row.name}`, null, row)] };
  });

const update = ({ changes }: ProjectDeps, audited: RequestInfo, id: number, body: ProjectPatch) =>
  changes.commit(audited, async (trx) => {
    const before = await findProject(trx, id);
    if (!before) throw new AppError("not_found");
    const columns = differing(before, columnsOf(body));
    if (isEmpty(columns)) return { result: before, entries: [] };
    if (columns.name !== undefined) await refuseTakenName(trx, before.organisation_id, columns.name);
    const after = await updateProject(trx, id, columns);
    const entries = [entryOf("UPDATE", `Project updated: ${after.name}`, before, after)];
    return { result: after, entries, projects: EVALUATED.some((column) => column in columns) ? [id] : [] };
  });
