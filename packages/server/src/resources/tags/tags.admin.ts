/** Tags of a project's features. They change no answer to an SDK, so no revision moves. */

import { drf } from "@burgee/contract";
import {
  defaultTagColour,
  pageFields,
  pageSchema,
  rowId,
  type TagPatch,
  tagInput,
  tagPatch,
  tagSchema,
} from "@burgee/contract/admin";
import type { ProjectScope } from "../../access/access.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import {
  deleteTag,
  findByUuid,
  findTag,
  insertTag,
  listTags,
  type TagColumns,
  type TagRow,
  updateTag,
} from "./tags.store.ts";

export interface TagDeps {
  readonly db: Db;
  readonly changes: Changes;
}

const LIST = "/api/v1/projects/{project}/tags/";
const ONE = "/api/v1/projects/{project}/tags/{id}/";
const tag = "tags";
const listParams = drf.object({ project: rowId() });
const params = drf.object({ project: rowId(), id: rowId() });

const presentTag = (row: TagRow) => ({
  id: row.id,
  uuid: row.uuid,
  label: row.label,
  color: row.color,
  description: row.description,
  project: row.project_id,
  is_permanent: row.is_permanent === 1,
  is_system_tag: row.is_system_tag === 1,
  type: row.type,
});

const columnsOf = (body: TagPatch) => ({
  label: body.label,
  color: body.color,
  description: body.description,
  is_permanent: flag(body.is_permanent),
});

const entryOf = (
  { project }: ProjectScope,
  action: AuditEntry["action"],
  [before, after]: readonly [TagRow | null, TagRow | null],
): AuditEntry => {
  const row = (after ?? before) as TagRow;
  const done = { CREATE: "created", UPDATE: "updated", DELETE: "deleted" }[action];
  return {
    action,
    objectType: "tag",
    objectId: String(row.id),
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: null,
    log: `Tag ${done}: ${row.label}`,
    before: before && presentTag(before),
    after: after && presentTag(after),
  };
};

const notFound = () => new AppError("not_found");

export function mountTags(api: AdminApi, { db, changes }: TagDeps): void {
  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Tags of a project",
      tag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(tagSchema) },
    },
    async ({ access, params: { project }, query, request }) => {
      await access.project(project, "VIEW");
      const page = pageOf(query);
      const { count, rows } = await listTags(db.kysely, project, page.offset, page.limit);
      return answerPage(request, page, count, rows.map(presentTag));
    },
  );

  api.route(
    {
      method: "get",
      path: `${LIST}get-by-uuid/{uuid}/`,
      summary: "One tag by its uuid",
      tag,
      params: drf.object({ project: rowId(), uuid: drf.string() }),
      responses: { 200: tagSchema },
    },
    async ({ access, params: { project, uuid } }) => {
      await access.project(project, "VIEW");
      const row = await findByUuid(db.kysely, project, uuid.toLowerCase());
      if (!row) throw notFound();
      return presentTag(row);
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One tag", tag, params, responses: { 200: tagSchema } },
    async ({ access, params: { project, id } }) => {
      await access.project(project, "VIEW");
      const row = await findTag(db.kysely, project, id);
      if (!row) throw notFound();
      return presentTag(row);
    },
  );

  mountWrites(api, changes);
}

function mountWrites(api: AdminApi, changes: Changes): void {
  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create a tag",
      tag,
      params: listParams,
      body: tagInput,
      responses: { 201: tagSchema },
    },
    async ({ access, params: { project }, body, audited }) => {
      const scope = await access.project(project, "MANAGE_TAGS");
      const row = await changes.commit(audited, async (trx) => {
        const columns = differing<TagColumns>({}, columnsOf(body));
        const made = await insertTag(trx, project, { color: defaultTagColour, ...columns, label: body.label });
        return { result: made, entries: [entryOf(scope, "CREATE", [null, made])] };
      });
      return created(presentTag(row));
    },
  );

  for (const [method, body] of [
    ["put", tagInput],
    ["patch", tagPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a tag; what is left out stays",
        tag,
        params,
        body,
        responses: { 200: tagSchema },
      },
      async ({ access, params: { project, id }, body: wanted, audited }) => {
        const scope = await access.project(project, "MANAGE_TAGS");
        return presentTag(await changeTag(changes, audited, scope, id, wanted));
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete a tag, also from its features",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { project, id }, audited }) => {
      const scope = await access.project(project, "MANAGE_TAGS");
      await changes.commit(audited, async (trx) => {
        const row = await findTag(trx, project, id);
        if (!row) throw notFound();
        if (row.is_system_tag === 1) throw badRequest({ message: "Cannot delete a system tag." });
        await deleteTag(trx, id);
        return { result: undefined, entries: [entryOf(scope, "DELETE", [row, null])] };
      });
      return noContent();
    },
  );
}

const changeTag = (changes: Changes, audited: RequestInfo, scope: ProjectScope, id: number, body: TagPatch) =>
  changes.commit(audited, async (trx) => {
    const before = await findTag(trx, scope.project.id, id);
    if (!before) throw notFound();
    const columns = differing(before, columnsOf(body));
    if (isEmpty(columns)) return { result: before, entries: [] };
    if (before.is_system_tag === 1) throw badRequest({ message: "Cannot update a system tag." });
    const after = await updateTag(trx, id, columns);
    return { result: after, entries: [entryOf(scope, "UPDATE", [before, after])] };
  });
