/** The roles of one person, group or organisation key, and taking one away from there. */
import { drf } from "@burgee/contract";
import { pageFields, pageSchema, roleSchema, rowId } from "@burgee/contract/admin";
import type { z } from "zod";
import type { Access } from "../../access/access.ts";
import type { SubjectType } from "../../db/admin-tables.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { entryOf } from "./role-members.admin.ts";
import { ORGANISATION, openRole, presentRole, type RoleDeps, tag } from "./role-scope.ts";
import { deleteMember, findMembership, findSubject, listRolesOf, type SubjectName } from "./roles.store.ts";

interface Kind {
  readonly subject: SubjectType;
  readonly noun: string;
  readonly path: string;
  /** What follows the role's number when it is taken away. */
  readonly tail: string;
  readonly of: z.ZodType<number | string>;
}

const kinds: readonly Kind[] = [
  { subject: "user", noun: "a member", path: "users/{of}/roles/", tail: "{role}/", of: rowId() },
  { subject: "group", noun: "a group", path: "groups/{of}/roles/", tail: "{role}/", of: rowId() },
  {
    subject: "key",
    noun: "an organisation key",
    path: "master-api-keys/{of}/roles/",
    tail: "{role}/detach-roles-from-master-api-key/",
    of: drf.string({ maxLength: 100 }),
  },
];

export function mountRolesOf(api: AdminApi, deps: RoleDeps): void {
  for (const kind of kinds) mountKind(api, deps, kind);
}

function mountKind(api: AdminApi, { db, changes }: RoleDeps, { subject, noun, path, tail, of }: Kind): void {
  const find = async (access: Access, organisation: number, wanted: number | string): Promise<SubjectName> => {
    await access.organisation(organisation, "ADMIN");
    const found = await findSubject(db.kysely, organisation, subject, wanted);
    if (!found) throw new AppError("not_found");
    return found;
  };

  api.route(
    {
      method: "get",
      path: `${ORGANISATION}${path}`,
      summary: `Roles of ${noun}`,
      tag,
      params: drf.object({ organisation: rowId(), of }),
      query: drf.object(pageFields),
      responses: { 200: pageSchema(roleSchema) },
    },
    async ({ access, params: { organisation, of: wanted }, query, request }) => {
      const who = await find(access, organisation, wanted);
      const page = pageOf(query);
      const { count, rows } = await listRolesOf(db.kysely, organisation, subject, who.id, page);
      return answerPage(request, page, count, rows.map(presentRole));
    },
  );

  api.route(
    {
      method: "delete",
      path: `${ORGANISATION}${path}${tail}`,
      summary: `Take a role from ${noun}`,
      tag,
      params: drf.object({ organisation: rowId(), of, role: rowId() }),
      responses: { 204: null },
    },
    async ({ access, params: { organisation, of: wanted, role: roleId }, audited }) => {
      const who = await find(access, organisation, wanted);
      const role = await openRole(db, access, organisation, roleId);
      await changes.commit(audited, async (trx) => {
        const held = await findMembership(trx, role.id, subject, who.id);
        if (!held) throw new AppError("not_found");
        await deleteMember(trx, held.id);
        return { result: undefined, entries: [entryOf(role, subject, who, false)] };
      });
      return noContent();
    },
  );
}
