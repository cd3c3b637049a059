/** Who did what: per organisation, project, environment, identity, feature and person. */
import { drf } from "@burgee/contract";
import {
  type AuditQuery,
  auditDetailSchema,
  auditEntrySchema,
  auditQuery,
  pageSchema,
  rowId,
} from "@burgee/contract/admin";
import type { Kysely } from "kysely";
import type { Access } from "../../access/access.ts";
import { identitySubject } from "../../changes/commit.ts";
import type { Tables } from "../../db/tables.ts";
import { AppError, isAppError } from "../../errors.ts";
import { type AdminApi, badRequest } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { beyondRestoring, type RecordedChange, type Undoers, undoneSubject } from "../../http/undo.ts";
import { type AuditFilter, type AuditRow, findAudit, findUserByEmail, listAudit, readNamed } from "./audit.store.ts";
import { changeDetails, presentAudit } from "./present-audit.ts";

export interface AuditDeps {
  readonly db: { readonly kysely: Kysely<Tables> };
  readonly undoers: Undoers;
}

const tag = "audit";

function environmentIds(query: AuditQuery): number[] | undefined {
  const texts = (query.environments ?? "").split(",").filter((text) => /^\d{1,9}$/.test(text.trim()));
  return query.environments ? texts.map(Number) : undefined;
}

async function actorOf(db: Kysely<Tables>, author: string | undefined): Promise<string | undefined> {
  if (author === undefined || /^(user|key):\d+$/.test(author)) return author;
  const user = await findUserByEmail(db, author);
  return user ? `user:${user.id}` : "nobody";
}

/** What is asked for, within `scope`, which says what may be seen. */
async function filterOf(
  db: Kysely<Tables>,
  access: Access,
  scope: AuditFilter,
  query: AuditQuery,
): Promise<AuditFilter> {
  const actor = await actorOf(db, query.author);
  const environments = environmentIds(query);
  const { project } = query;
  const filter: AuditFilter = {
    ...scope,
    ...(project === undefined ? {} : { projectIds: (scope.projectIds ?? [project]).filter((id) => id === project) }),
    ...(query.search ? { search: query.search } : {}),
    ...(query.is_system_event === undefined ? {} : { isSystemEvent: query.is_system_event }),
    ...(actor ? { actor } : {}),
    ...(environments ? { environmentIds: environments } : {}),
  };
  if (query.feature !== undefined) return { ...filter, subject: { type: "feature", id: String(query.feature) } };
  if (query.identity === undefined) return filter;
  const [environmentId] = environments ?? [];
  if (environmentId === undefined) throw badRequest({ environments: ["Name the identity's environment."] });
  await access.environment(environmentId, "VIEW");
  return { ...filter, subject: { type: "identity", id: identitySubject(environmentId, query.identity) } };
}

/** Everything that the caller may see, over all of its organisations. */
async function visibleScope(access: Access, query: AuditQuery): Promise<AuditFilter> {
  const projects = await access.visibleProjects();
  const seen: number[] = [];
  for (const project of projects) {
    if (query.project !== undefined && project.id !== query.project) continue;
    if (await access.mayInProject(project, "VIEW_AUDIT_LOG")) seen.push(project.id);
  }
  return { projectIds: seen };
}

const readJson = (text: string | null): unknown => (text === null ? null : JSON.parse(text));

const recorded = (row: AuditRow): RecordedChange => ({
  id: row.id,
  action: row.action,
  objectType: row.object_type,
  projectId: row.project_id,
  log: row.log,
  before: readJson(row.before),
  after: readJson(row.after),
});

const PLACES = [
  {
    path: "/api/v1/audit/",
    params: drf.object({}),
    item: drf.object({ id: rowId() }),
    scope: (access: Access, _params: object, query: AuditQuery) => visibleScope(access, query),
  },
  {
    path: "/api/v1/projects/{project}/audit/",
    params: drf.object({ project: rowId() }),
    item: drf.object({ project: rowId(), id: rowId() }),
    scope: async (access: Access, params: { project?: number }): Promise<AuditFilter> => {
      const { project } = await access.project(params.project ?? 0, "VIEW_AUDIT_LOG");
      return { projectIds: [project.id] };
    },
  },
  {
    path: "/api/v1/organisations/{organisation}/audit/",
    params: drf.object({ organisation: rowId() }),
    item: drf.object({ organisation: rowId(), id: rowId() }),
    scope: async (access: Access, params: { organisation?: number }): Promise<AuditFilter> => {
      const { id } = await access.organisation(params.organisation ?? 0, "ADMIN");
      return { organisationId: id };
    },
  },
] as const;

type Place = (typeof PLACES)[number];

function mountList(api: AdminApi, { db }: AuditDeps, { path, params, scope }: Place): void {
  api.route(
    {
      method: "get",
      path,
      summary: "Audit log, newest first",
      tag,
      params,
      query: auditQuery,
      responses: { 200: pageSchema(auditEntrySchema) },
    },
    async ({ access, params: named, query, request }) => {
      const filter = await filterOf(db.kysely, access, await scope(access, named, query), query);
      const page = pageOf(query);
      const { count, rows } = await listAudit(db.kysely, filter, page);
      const people = await readNamed(db.kysely, rows);
      return answerPage(
        request,
        page,
        count,
        rows.map((row) => presentAudit(row, people)),
      );
    },
  );
}

async function presentDetail({ db, undoers }: AuditDeps, row: AuditRow) {
  const shown = presentAudit(row, await readNamed(db.kysely, [row]));
  const isUndoable = undoers.find(recorded(row)) !== undefined;
  return { ...shown, change_details: changeDetails(row), change_type: row.action, is_undoable: isUndoable };
}

function mountEntry(api: AdminApi, deps: AuditDeps, { path, item, scope }: Place): void {
  api.route(
    {
      method: "get",
      path: `${path}{id}/`,
      summary: "One entry with its differences",
      tag,
      params: item,
      responses: { 200: auditDetailSchema },
    },
    async ({ access, params }) => {
      const row = await findAudit(deps.db.kysely, await scope(access, params, {}), params.id);
      if (!row) throw new AppError("not_found");
      return presentDetail(deps, row);
    },
  );
}

const notUndoable = () =>
  new AppError("conflict", { body: { detail: "Changes of this kind cannot be undone; change it by hand." } });

/** What is not there any more, or is not the caller's to see, is an answer about the undoing and not about the entry. */
const gone = (error: unknown): unknown =>
  isAppError(error, "not_found") ? beyondRestoring("what was changed is gone, or not yours to see.") : error;

function mountUndo(api: AdminApi, deps: AuditDeps): void {
  const { db, undoers } = deps;
  api.route(
    {
      method: "post",
      path: "/api/v1/projects/{project}/audit/{id}/undo/",
      summary: "Undo a change of a flag, a segment or an identity override; answers the new entry",
      tag,
      params: drf.object({ project: rowId(), id: rowId() }),
      responses: { 200: auditDetailSchema },
    },
    async ({ access, params, audited }) => {
      const { project } = await access.project(params.project, "VIEW_AUDIT_LOG");
      const filter = { projectIds: [project.id] };
      const row = await findAudit(db.kysely, filter, params.id);
      if (!row) throw new AppError("not_found");
      const change = recorded(row);
      const undoer = undoers.find(change);
      if (!undoer) throw notUndoable();
      await undoer.undo(change, { access, audited }).catch((error: unknown) => {
        throw gone(error);
      });
      const made = { ...filter, subject: undoneSubject(row.id) };
      const [entry] = (await listAudit(db.kysely, made, { offset: 0, limit: 1 })).rows;
      if (!entry) throw new AppError("internal");
      return presentDetail(deps, entry);
    },
  );
}

export function mountAudit(api: AdminApi, deps: AuditDeps): void {
  for (const place of PLACES) {
    mountList(api, deps, place);
    mountEntry(api, deps, place);
  }
  mountUndo(api, deps);
}
