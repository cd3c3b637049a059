/** Who is in a group, and who looks after it. */
import { drf } from "@burgee/contract";
import { groupSchema, groupUsersInput, noSuchRow, rowId } from "@burgee/contract/admin";
import type { Transaction } from "kysely";
import { membersAmong } from "../../access/among.ts";
import type { Tables } from "../../db/tables.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, answer, badRequest } from "../../http/admin-door.ts";
import {
  assertMayLetIn,
  GROUPS,
  type GroupDeps,
  groupEntry,
  groupParams,
  MANAGE,
  managedGroup,
  presentGroup,
  groupTag as tag,
} from "./group-scope.ts";
import { addToGroup, findGroup, listGroupMembers, removeFromGroup, setGroupAdmin } from "./groups.store.ts";

const emails = async (trx: Transaction<Tables>, groupId: number) =>
  (await listGroupMembers(trx, [groupId])).map(({ id, email, group_admin }) => ({
    id,
    email,
    group_admin: group_admin === 1,
  }));

export function mountGroupUsers(api: AdminApi, { db, changes }: GroupDeps): void {
  for (const [path, summary, write] of [
    ["add-users", "Let members into a group", addToGroup],
    ["remove-users", "Take members out of a group", removeFromGroup],
  ] as const) {
    api.route(
      {
        method: "post",
        path: `${GROUPS}{id}/${path}/`,
        summary,
        tag,
        params: groupParams,
        body: groupUsersInput,
        responses: { 200: groupSchema },
      },
      async ({ access, params: { organisation, id }, body, audited }) => {
        const row = await managedGroup(db, access, organisation, id);
        if (write === addToGroup) await assertMayLetIn(db, access, id);
        const known = await membersAmong(db.kysely, organisation, body.user_ids);
        const stranger = body.user_ids.find((userId) => !known.has(userId));
        if (stranger !== undefined) throw badRequest({ user_ids: [noSuchRow(stranger)] });
        await changes.commit(audited, async (trx) => {
          const before = await emails(trx, id);
          await write(trx, id, [...known]);
          const after = await emails(trx, id);
          if (before.length === after.length) return { result: undefined, entries: [] };
          const entry = groupEntry("UPDATE", `People of group ${row.name} changed`, row, [
            { users: before },
            { users: after },
          ]);
          const subjects = [...known].map((userId) => ({ type: "user", id: String(userId) }));
          return { result: undefined, entries: [{ ...entry, subjects }] };
        });
        return presentGroup(row, await listGroupMembers(db.kysely, [id]));
      },
    );
  }

  for (const [path, summary, isAdmin] of [
    ["make-admin", "Let a member of a group look after it", true],
    ["remove-admin", "No longer let a member of a group look after it", false],
  ] as const) {
    api.route(
      {
        method: "post",
        path: `${GROUPS}{id}/users/{user}/${path}`,
        summary,
        tag,
        params: drf.object({ organisation: rowId(), id: rowId(), user: rowId() }),
        responses: { 200: null },
      },
      async ({ access, params: { organisation, id, user }, audited }) => {
        await access.organisation(organisation, MANAGE);
        const row = await findGroup(db.kysely, organisation, id);
        if (!row) throw new AppError("not_found");
        await changes.commit(audited, async (trx) => {
          const before = await emails(trx, id);
          if (!(await setGroupAdmin(trx, id, user, isAdmin))) throw new AppError("not_found");
          const after = await emails(trx, id);
          const log = `Who looks after group ${row.name} changed`;
          const entry = groupEntry("UPDATE", log, row, [{ users: before }, { users: after }]);
          return { result: undefined, entries: [{ ...entry, subjects: [{ type: "user", id: String(user) }] }] };
        });
        return answer(200);
      },
    );
  }
}
