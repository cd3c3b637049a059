/**
 * Groups of people. Whoever may manage groups is no administrator: it cannot let anybody into a group that may do more than it
 * may itself.
 */
import { drf } from "@burgee/contract";
import {
  type GroupPatch,
  groupInput,
  groupPatch,
  groupSchema,
  groupSummarySchema,
  pageFields,
  pageSchema,
} from "@burgee/contract/admin";
import { z } from "zod";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import {
  assertMayLetIn,
  GROUP,
  GROUPS,
  type GroupDeps,
  groupEntry,
  groupParams,
  groupTag,
  listParams,
  MANAGE,
  managedGroup,
  presentGroup,
  shownGroup,
} from "./group-scope.ts";
import { mountGroupUsers } from "./group-users.admin.ts";
import {
  deleteGroup,
  findGroup,
  type GroupColumns,
  insertGroup,
  isExternalIdTaken,
  listGroupMembers,
  listGroups,
  listSummaries,
  updateGroup,
} from "./groups.store.ts";

const columnsOf = (body: GroupPatch): { [Column in keyof GroupColumns]?: GroupColumns[Column] | undefined } => ({
  name: body.name,
  is_default: flag(body.is_default),
  // Two groups without one are no clash.
  external_id: body.external_id === "" ? null : body.external_id,
});

export function mountGroups(api: AdminApi, deps: GroupDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: GROUPS,
      summary: "Groups of an organisation, with their people",
      tag: groupTag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(groupSchema) },
    },
    async ({ access, params: { organisation }, query, request }) => {
      await access.organisation(organisation, MANAGE);
      const page = pageOf(query);
      const { count, rows } = await listGroups(db.kysely, organisation, page.offset, page.limit);
      const members = await listGroupMembers(
        db.kysely,
        rows.map((row) => row.id),
      );
      // The documented list has texts only here, unlike one group by itself.
      const listed = rows.map((row) => {
        const { users, ...group } = presentGroup(row, members);
        return { ...group, users: users.map((user) => ({ ...user, last_login: user.last_login ?? "" })) };
      });
      return answerPage(request, page, count, listed);
    },
  );

  for (const [path, summary, isOwn] of [
    ["summaries", "Names of all groups", false],
    ["my-groups", "Names of the groups that the caller is in", true],
  ] as const) {
    api.route(
      {
        method: "get",
        path: `${GROUPS}${path}/`,
        summary,
        tag: groupTag,
        params: listParams,
        responses: { 200: z.array(groupSummarySchema) },
      },
      async ({ access, caller, params: { organisation } }) => {
        await access.organisation(organisation, "VIEW");
        if (isOwn && caller.kind === "key") return [];
        return listSummaries(db.kysely, organisation, isOwn ? caller.id : undefined);
      },
    );
  }

  api.route(
    {
      method: "get",
      path: GROUP,
      summary: "One group",
      tag: groupTag,
      params: groupParams,
      responses: { 200: groupSchema },
    },
    async ({ access, params: { organisation, id } }) => {
      const row = await managedGroup(db, access, organisation, id);
      return presentGroup(row, await listGroupMembers(db.kysely, [id]));
    },
  );

  mountWrites(api, deps);
  mountGroupUsers(api, deps);
}

function mountWrites(api: AdminApi, { db, changes }: GroupDeps): void {
  const assertExternalId = async (organisation: number, externalId: string | null | undefined, except: number) => {
    if (!externalId || !(await isExternalIdTaken(db.kysely, organisation, externalId, except))) return;
    throw badRequest({ external_id: ["A group of this organisation has this external id already."] });
  };

  api.route(
    {
      method: "post",
      path: GROUPS,
      summary: "Create a group",
      tag: groupTag,
      params: listParams,
      body: groupInput,
      responses: { 201: groupSchema },
    },
    async ({ access, params: { organisation }, body, audited }) => {
      await access.organisation(organisation, MANAGE);
      await assertExternalId(organisation, body.external_id, 0);
      const row = await changes.commit(audited, async (trx) => {
        const columns = differing<GroupColumns>({}, columnsOf(body));
        const made = await insertGroup(trx, organisation, { ...columns, name: body.name });
        const entry = groupEntry("CREATE", `Group created: ${made.name}`, made, [null, shownGroup(made)]);
        return { result: made, entries: [entry] };
      });
      return created(presentGroup(row, []));
    },
  );

  for (const [method, body] of [
    ["put", groupInput],
    ["patch", groupPatch],
  ] as const) {
    api.route(
      {
        method,
        path: GROUP,
        summary: "Change a group; what is left out stays",
        tag: groupTag,
        params: groupParams,
        body,
        responses: { 200: groupSchema },
      },
      async ({ access, params: { organisation, id }, body: wanted, audited }) => {
        await access.organisation(organisation, MANAGE);
        const before = await findGroup(db.kysely, organisation, id);
        if (!before) throw new AppError("not_found");
        await assertExternalId(organisation, wanted.external_id, id);
        // A default group lets in everybody who comes.
        if (wanted.is_default === true && before.is_default === 0) await assertMayLetIn(db, access, id);
        const row = await changes.commit(audited, async (trx) => {
          const columns = differing<GroupColumns>(before, columnsOf(wanted));
          if (isEmpty(columns)) return { result: before, entries: [] };
          const after = await updateGroup(trx, id, columns);
          const shown = [shownGroup(before), shownGroup(after)] as const;
          return { result: after, entries: [groupEntry("UPDATE", `Group changed: ${after.name}`, after, shown)] };
        });
        return presentGroup(row, await listGroupMembers(db.kysely, [id]));
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: GROUP,
      summary: "Delete a group with its rights; its people stay",
      tag: groupTag,
      params: groupParams,
      responses: { 204: null },
    },
    async ({ access, params: { organisation, id }, audited }) => {
      await access.organisation(organisation, MANAGE);
      const row = await findGroup(db.kysely, organisation, id);
      if (!row) throw new AppError("not_found");
      await changes.commit(audited, async (trx) => {
        await deleteGroup(trx, id);
        return {
          result: undefined,
          entries: [groupEntry("DELETE", `Group deleted: ${row.name}`, row, [shownGroup(row), null])],
        };
      });
      return noContent();
    },
  );
}
