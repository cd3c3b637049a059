/** What a role may do: in the organisation, in projects, in environments. */
import { drf } from "@burgee/contract";
import {
  noSuchRow,
  pageFields,
  pageSchema,
  roleEnvironmentInput,
  roleEnvironmentPatch,
  roleEnvironmentSchema,
  roleOrganisationInput,
  roleOrganisationSchema,
  roleProjectInput,
  roleProjectPatch,
  roleProjectSchema,
  rowId,
} from "@burgee/contract/admin";
import type { z } from "zod";
import { deleteGrant, type GrantRow, insertGrant, updateGrant } from "../../access/grants.ts";
import type { AuditEntry } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { openRole, ROLES, type RoleDeps, roleEntry, roleItemParams, roleParams, tag } from "./role-scope.ts";
import { findGrant, findPlace, hasGrant, listGrants, type RoleRow, type Scope } from "./roles.store.ts";

/** What a body asks for, whichever of the three places it is about. */
interface Wanted {
  /** Of the project or environment that the body names. */
  readonly placeId: number | undefined;
  readonly permissions: readonly string[] | undefined;
  readonly admin: boolean | undefined;
}

interface Kind {
  readonly scope: Scope;
  readonly path: string;
  readonly input: z.ZodType<unknown>;
  readonly patch: z.ZodType<unknown>;
  readonly schema: z.ZodType;
}

const kinds: readonly Kind[] = [
  {
    scope: "organisation",
    path: "organisation-permissions/",
    input: roleOrganisationInput,
    patch: roleOrganisationInput,
    schema: roleOrganisationSchema,
  },
  {
    scope: "project",
    path: "projects-permissions/",
    input: roleProjectInput,
    patch: roleProjectPatch,
    schema: roleProjectSchema,
  },
  {
    scope: "environment",
    path: "environments-permissions/",
    input: roleEnvironmentInput,
    patch: roleEnvironmentPatch,
    schema: roleEnvironmentSchema,
  },
];

interface Body {
  readonly project?: number;
  readonly environment?: number;
  readonly permissions?: readonly (string | { readonly permission_key: string })[];
  readonly admin?: boolean;
}

function readBody(body: unknown): Wanted {
  const { project, environment, permissions, admin } = body as Body;
  const keys = permissions?.map((one) => (typeof one === "string" ? one : one.permission_key));
  return { placeId: project ?? environment, permissions: keys, admin };
}

const keysOf = (row: GrantRow): string[] => JSON.parse(row.permissions) as string[];

const sorted = (permissions: readonly string[]): string => JSON.stringify([...new Set(permissions)].sort());

function present(row: GrantRow) {
  const { id, subject_id: role, scope_type, scope_id } = row;
  if (scope_type === "organisation") return { id, role, permissions: keysOf(row) };
  const permissions = keysOf(row).map((permission_key) => ({ permission_key, tags: [] }));
  return { id, role, [scope_type]: scope_id, permissions, admin: row.is_admin === 1 };
}

interface Place {
  readonly id: number;
  readonly name: string;
  readonly projectId: number | null;
  readonly environmentId: number | null;
}

function entryOf(role: RoleRow, place: Place, before: GrantRow | null, after: GrantRow | null): AuditEntry {
  const shown = (row: GrantRow) => ({
    [row.scope_type]: place.name,
    permissions: keysOf(row),
    admin: row.is_admin === 1,
  });
  const log = `Permissions of role ${role.name} in ${place.name} changed`;
  return {
    ...roleEntry("UPDATE", role, { log, before: before && shown(before), after: after && shown(after) }),
    projectId: place.projectId,
    environmentId: place.environmentId,
  };
}

export function mountRolePermissions(api: AdminApi, deps: RoleDeps): void {
  for (const kind of kinds) {
    mountList(api, deps, kind);
    mountCreate(api, deps, kind);
    mountOne(api, deps, kind);
  }
}

async function placeOf({ db }: RoleDeps, role: RoleRow, scope: Scope, id: number | undefined): Promise<Place> {
  if (scope === "organisation") {
    return { id: role.organisation_id, name: "the organisation", projectId: null, environmentId: null };
  }
  const found = id === undefined ? undefined : await findPlace(db.kysely, role.organisation_id, scope, id);
  if (!found || id === undefined) throw badRequest({ [scope]: [noSuchRow(id ?? 0)] });
  return { id, name: found.name, projectId: found.projectId, environmentId: scope === "environment" ? id : null };
}

function mountList(api: AdminApi, { db }: RoleDeps, { scope, path, schema }: Kind): void {
  const filter = scope === "organisation" ? {} : { [scope]: rowId().describe(`The ${scope} that is asked about.`) };
  api.route(
    {
      method: "get",
      path: `${ROLES}{role}/${path}`,
      summary: `What a role may do in the ${scope}`,
      tag,
      params: roleParams,
      query: drf.object({ ...pageFields, ...filter }),
      responses: { 200: pageSchema(schema) },
    },
    async ({ access, params, query, request }) => {
      const role = await openRole(db, access, params.organisation, params.role);
      const page = pageOf(query);
      const place = (query as Readonly<Record<string, number | undefined>>)[scope];
      const { count, rows } = await listGrants(db.kysely, role.id, scope, place, page);
      return answerPage(request, page, count, rows.map(present));
    },
  );
}

function mountCreate(api: AdminApi, deps: RoleDeps, { scope, path, input, schema }: Kind): void {
  const { db, changes } = deps;
  api.route(
    {
      method: "post",
      path: `${ROLES}{role}/${path}`,
      summary: `Let a role do something in ${scope === "organisation" ? "the organisation" : `a ${scope}`}`,
      tag,
      params: roleParams,
      body: input,
      responses: { 201: schema },
    },
    async ({ access, params, body, audited }) => {
      const role = await openRole(db, access, params.organisation, params.role);
      const wanted = readBody(body);
      const place = await placeOf(deps, role, scope, wanted.placeId);
      const row = await changes.commit(audited, async (trx) => {
        if (await hasGrant(trx, role.id, scope, place.id)) {
          throw badRequest({ non_field_errors: ["This role has permissions there already: change those."] });
        }
        const made = await insertGrant(trx, {
          subject_type: "role",
          subject_id: role.id,
          scope_type: scope,
          scope_id: place.id,
          permissions: sorted(wanted.permissions ?? []),
          is_admin: wanted.admin ? 1 : 0,
        });
        return { result: made, entries: [entryOf(role, place, null, made)] };
      });
      return created(present(row));
    },
  );
}

function mountOne(api: AdminApi, deps: RoleDeps, { scope, path: tail, input, patch, schema }: Kind): void {
  const { db, changes } = deps;
  const path = `${ROLES}{role}/${tail}{id}/`;
  const params = roleItemParams;

  const find = async (role: RoleRow, id: number): Promise<GrantRow> => {
    const row = await findGrant(db.kysely, role.id, scope, id);
    if (!row) throw new AppError("not_found");
    return row;
  };

  api.route(
    { method: "get", path, summary: `One of a role's permissions (${scope})`, tag, params, responses: { 200: schema } },
    async ({ access, params: { organisation, role: roleId, id } }) =>
      present(await find(await openRole(db, access, organisation, roleId), id)),
  );

  for (const [method, body] of [
    ["put", input],
    ["patch", patch],
  ] as const) {
    api.route(
      {
        method,
        path,
        summary: `Change what a role may do (${scope}); what is left out stays`,
        tag,
        params,
        body,
        responses: { 200: schema },
      },
      async ({ access, params: { organisation, role: roleId, id }, body: given, audited }) => {
        const role = await openRole(db, access, organisation, roleId);
        const before = await find(role, id);
        const { placeId, permissions, admin } = readBody(given);
        if (placeId !== undefined && placeId !== before.scope_id) {
          throw badRequest({ [scope]: [`These are the permissions in another ${scope}.`] });
        }
        const columns = {
          permissions: permissions === undefined ? before.permissions : sorted(permissions),
          is_admin: admin === undefined ? before.is_admin : Number(admin),
        };
        if (columns.permissions === before.permissions && columns.is_admin === before.is_admin) return present(before);
        const place = await placeOf(deps, role, scope, before.scope_id);
        const row = await changes.commit(audited, async (trx) => {
          const after = await updateGrant(trx, id, columns);
          return { result: after, entries: [entryOf(role, place, before, after)] };
        });
        return present(row);
      },
    );
  }

  api.route(
    {
      method: "delete",
      path,
      summary: `Take permissions from a role (${scope})`,
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { organisation, role: roleId, id }, audited }) => {
      const role = await openRole(db, access, organisation, roleId);
      const row = await find(role, id);
      const place = await placeOf(deps, role, scope, row.scope_id);
      await changes.commit(audited, async (trx) => {
        await deleteGrant(trx, id);
        return { result: undefined, entries: [entryOf(role, place, row, null)] };
      });
      return noContent();
    },
  );
}
