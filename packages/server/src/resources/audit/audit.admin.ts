/** Who did what: per organisation, project, environment, identity, feature and person. */

import { drf } from "@burgee/contract";
import { type AuditQuery, auditQuery, changeDetailSchema } from "@burgee/contract/admin";
import type { Kysely } from "kysely";
import { z } from "zod";
import type { Access } from "../../access/access.ts";
import { identitySubject } from "../../changes/commit.ts";
import type { Tables } from "../../db/tables.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, MAX_PAGE_SIZE, paged } from "../../http/admin-door.ts";
import { type AuditFilter, findAudit, findUserByEmail, listAudit, readNamed } from "./audit.store.ts";
import { changeDetails, presentAudit } from "./present-audit.ts";

export interface AuditDeps {
  readonly db: { readonly kysely: Kysely<Tables> };
}

const entrySchema = z.looseObject({
  id: z.number(),
  created_date: z.string(),
  log: z.string(),
  is_system_event: z.boolean(),
});
const pageSchema = z.object({ count: z.number(), results: z.array(entrySchema) });
const detailSchema = entrySchema.extend({ change_details: z.array(changeDetailSchema), change_type: z.string() });

const tag = "audit";
const pathId = () => drf.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

function environmentIds(query: AuditQuery): number[] | undefined {
  const ids = (query.environments ?? "").split(",").filter((text) => /^\d{1,10}$/.test(text.trim()));
  return query.environments ? ids.map(Number) : undefined;
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
  const filter: AuditFilter = {
    ...scope,
    ...(query.search ? { search: query.search } : {}),
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

export function mountAudit(api: AdminApi, { db }: AuditDeps): void {
  const list = async (scope: AuditFilter, access: Access, query: AuditQuery, request: Request) => {
    const page = { page: query.page ?? 1, pageSize: Math.min(query.page_size ?? 10, MAX_PAGE_SIZE) };
    const filter = await filterOf(db.kysely, access, scope, query);
    const { count, rows } = await listAudit(db.kysely, filter, (page.page - 1) * page.pageSize, page.pageSize);
    const named = await readNamed(db.kysely, rows);
    return paged(
      request,
      page,
      count,
      rows.map((row) => presentAudit(row, named)),
    );
  };

  const one = async (scope: AuditFilter, id: number) => {
    const row = await findAudit(db.kysely, scope, id);
    if (!row) throw new AppError("not_found");
    const shown = presentAudit(row, await readNamed(db.kysely, [row]));
    return { ...shown, change_details: changeDetails(row), change_type: row.action };
  };

  const places = [
    {
      path: "/api/v1/audit/",
      params: drf.object({}),
      item: drf.object({ id: pathId() }),
      scope: (access: Access, _params: object, query: AuditQuery) => visibleScope(access, query),
    },
    {
      path: "/api/v1/projects/{project}/audit/",
      params: drf.object({ project: pathId() }),
      item: drf.object({ project: pathId(), id: pathId() }),
      scope: async (access: Access, params: { project?: number }): Promise<AuditFilter> => {
        const { project } = await access.project(params.project ?? 0, "VIEW_AUDIT_LOG");
        return { projectIds: [project.id] };
      },
    },
    {
      path: "/api/v1/organisations/{organisation}/audit/",
      params: drf.object({ organisation: pathId() }),
      item: drf.object({ organisation: pathId(), id: pathId() }),
      scope: async (access: Access, params: { organisation?: number }): Promise<AuditFilter> => {
        const { id } = await access.organisation(params.organisation ?? 0, "ADMIN");
        return { organisationId: id };
      },
    },
  ] as const;

  for (const { path, params, item, scope } of places) {
    api.route(
      {
        method: "get",
        path,
        summary: "Audit log, newest first",
        tag,
        params,
        query: auditQuery,
        responses: { 200: pageSchema },
      },
      async (call) => list(await scope(call.access, call.params, call.query), call.access, call.query, call.request),
    );
    api.route(
      {
        method: "get",
        path: `${path}{id}/`,
        summary: "One entry with its differences",
        tag,
        params: item,
        responses: { 200: detailSchema },
      },
      async (call) => one(await scope(call.access, call.params, {}), call.params.id),
    );
  }
}
