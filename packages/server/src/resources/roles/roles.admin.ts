/** Custom roles. */
import { drf } from "@burgee/contract";
import { pageFields, pageSchema, roleInput, rolePatch, roleSchema, rowId } from "@burgee/contract/admin";
import { differing, isEmpty } from "../../db/differing.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { mountRoleMembers } from "./role-members.admin.ts";
import { mountRolePermissions } from "./role-permissions.admin.ts";
import {
  openRole,
  presentRole,
  ROLES,
  type RoleDeps,
  roleEntry,
  roleParams,
  shownRole as shown,
  tag,
} from "./role-scope.ts";
import { deleteRole, insertRole, isNameTaken, listRoles, type RoleColumns, updateRole } from "./roles.store.ts";
import { mountRolesOf } from "./roles-of.admin.ts";

const ONE = `${ROLES}{role}/`;
const listParams = drf.object({ organisation: rowId() });

export function mountRoles(api: AdminApi, deps: RoleDeps): void {
  const { db, changes } = deps;

  const assertName = async (organisation: number, name: string | undefined, except: number) => {
    if (name === undefined || !(await isNameTaken(db.kysely, organisation, name, except))) return;
    throw badRequest({ name: ["A role of this organisation has this name already."] });
  };

  api.route(
    {
      method: "get",
      path: ROLES,
      summary: "Roles of an organisation",
      tag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(roleSchema) },
    },
    async ({ access, params: { organisation }, query, request }) => {
      await access.organisation(organisation, "ADMIN");
      const page = pageOf(query);
      const { count, rows } = await listRoles(db.kysely, organisation, page);
      return answerPage(request, page, count, rows.map(presentRole));
    },
  );

  api.route(
    {
      method: "post",
      path: ROLES,
      summary: "Create a role",
      tag,
      params: listParams,
      body: roleInput,
      responses: { 201: roleSchema },
    },
    async ({ access, params: { organisation }, body, audited }) => {
      await access.organisation(organisation, "ADMIN");
      await assertName(organisation, body.name, 0);
      const columns = { organisation_id: organisation, name: body.name, description: body.description ?? null };
      const row = await changes.commit(audited, async (trx) => {
        const made = await insertRole(trx, columns);
        const change = { log: `Role created: ${made.name}`, before: null, after: shown(made) };
        return { result: made, entries: [roleEntry("CREATE", made, change)] };
      });
      return created(presentRole(row));
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One role", tag, params: roleParams, responses: { 200: roleSchema } },
    async ({ access, params }) => presentRole(await openRole(db, access, params.organisation, params.role)),
  );

  for (const [method, body] of [
    ["put", roleInput],
    ["patch", rolePatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a role's name or description; what is left out stays",
        tag,
        params: roleParams,
        body,
        responses: { 200: roleSchema },
      },
      async ({ access, params, body: wanted, audited }) => {
        const before = await openRole(db, access, params.organisation, params.role);
        await assertName(params.organisation, wanted.name, before.id);
        const columns = differing<RoleColumns>(before, { name: wanted.name, description: wanted.description });
        if (isEmpty(columns)) return presentRole(before);
        const row = await changes.commit(audited, async (trx) => {
          const after = await updateRole(trx, before.id, columns);
          const change = { log: `Role changed: ${after.name}`, before: shown(before), after: shown(after) };
          return { result: after, entries: [roleEntry("UPDATE", after, change)] };
        });
        return presentRole(row);
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete a role; whoever had it has it no more",
      tag,
      params: roleParams,
      responses: { 204: null },
    },
    async ({ access, params, audited }) => {
      const row = await openRole(db, access, params.organisation, params.role);
      await changes.commit(audited, async (trx) => {
        await deleteRole(trx, row.id);
        const change = { log: `Role deleted: ${row.name}`, before: shown(row), after: null };
        return { result: undefined, entries: [roleEntry("DELETE", row, change)] };
      });
      return noContent();
    },
  );

  mountRolePermissions(api, deps);
  mountRoleMembers(api, deps);
  mountRolesOf(api, deps);
}
