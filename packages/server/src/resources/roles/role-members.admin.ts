/** Who has a role: people, groups and organisation keys. */
import { drf } from "@burgee/contract";
import {
  noSuchRow,
  pageFields,
  pageSchema,
  roleGroupInput,
  roleGroupSchema,
  roleKeyInput,
  roleKeySchema,
  roleUserInput,
  roleUserSchema,
} from "@burgee/contract/admin";
import type { z } from "zod";
import type { AuditEntry } from "../../changes/commit.ts";
import type { SubjectType } from "../../db/admin-tables.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { openRole, ROLES, type RoleDeps, roleEntry, roleItemParams, roleParams, tag } from "./role-scope.ts";
import {
  deleteMember,
  findMember,
  findMembership,
  findSubject,
  insertMember,
  keyPrefixes,
  listMembers,
  type RoleMemberRow,
  type RoleRow,
  type SubjectName,
} from "./roles.store.ts";

interface Kind {
  readonly subject: SubjectType;
  readonly path: string;
  /** What bodies call it. */
  readonly field: "user" | "group" | "master_api_key";
  readonly noun: string;
  readonly input: z.ZodType<unknown>;
  readonly schema: z.ZodType;
}

const kinds: readonly Kind[] = [
  { subject: "user", path: "users/", field: "user", noun: "person", input: roleUserInput, schema: roleUserSchema },
  { subject: "group", path: "groups/", field: "group", noun: "group", input: roleGroupInput, schema: roleGroupSchema },
  {
    subject: "key",
    path: "master-api-keys/",
    field: "master_api_key",
    noun: "organisation key",
    input: roleKeyInput,
    schema: roleKeySchema,
  },
];

export function entryOf(role: RoleRow, subject: SubjectType, who: SubjectName, isGiven: boolean): AuditEntry {
  const given = { [subject]: who.name };
  return roleEntry("UPDATE", role, {
    log: `Role ${role.name} ${isGiven ? "given to" : "taken from"} ${subject} ${who.name}`,
    before: isGiven ? null : given,
    after: isGiven ? given : null,
    subjects: [{ type: subject, id: String(who.id) }],
  });
}

export function mountRoleMembers(api: AdminApi, deps: RoleDeps): void {
  for (const kind of kinds) {
    mountLists(api, deps, kind);
    mountOne(api, deps, kind);
  }
}

async function presentAll({ db }: RoleDeps, { subject, field }: Kind, role: RoleRow, rows: readonly RoleMemberRow[]) {
  const prefixes =
    subject === "key"
      ? await keyPrefixes(
          db.kysely,
          rows.map((row) => row.subject_id),
        )
      : undefined;
  return rows.map((row) => ({
    id: row.id,
    role: role.id,
    [field]: prefixes ? (prefixes.get(row.subject_id) ?? "") : row.subject_id,
    ...(prefixes ? { role_name: role.name } : {}),
  }));
}

/** Whom the body names, in this organisation. */
async function readSubject(
  { db }: RoleDeps,
  { subject, field }: Kind,
  role: RoleRow,
  body: unknown,
): Promise<SubjectName> {
  const wanted = (body as Readonly<Record<string, number | string>>)[field] ?? 0;
  const found = await findSubject(db.kysely, role.organisation_id, subject, wanted);
  if (!found) throw badRequest({ [field]: [noSuchRow(wanted)] });
  return found;
}

function mountLists(api: AdminApi, deps: RoleDeps, kind: Kind): void {
  const { db, changes } = deps;
  const path = `${ROLES}{role}/${kind.path}`;

  api.route(
    {
      method: "get",
      path,
      summary: `Which ${kind.noun === "person" ? "people" : `${kind.noun}s`} have a role`,
      tag,
      params: roleParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(kind.schema) },
    },
    async ({ access, params, query, request }) => {
      const role = await openRole(db, access, params.organisation, params.role);
      const page = pageOf(query);
      const { count, rows } = await listMembers(db.kysely, role.id, kind.subject, page);
      return answerPage(request, page, count, await presentAll(deps, kind, role, rows));
    },
  );

  api.route(
    {
      method: "post",
      path,
      summary: `Give a role to a ${kind.noun}`,
      tag,
      params: roleParams,
      body: kind.input,
      responses: { 201: kind.schema },
    },
    async ({ access, params, body, audited }) => {
      const role = await openRole(db, access, params.organisation, params.role);
      const who = await readSubject(deps, kind, role, body);
      const row = await changes.commit(audited, async (trx) => {
        const held = await findMembership(trx, role.id, kind.subject, who.id);
        if (held) return { result: held, entries: [] };
        const made = await insertMember(trx, { role_id: role.id, subject_type: kind.subject, subject_id: who.id });
        return { result: made, entries: [entryOf(role, kind.subject, who, true)] };
      });
      return created((await presentAll(deps, kind, role, [row]))[0]);
    },
  );
}

function mountOne(api: AdminApi, deps: RoleDeps, kind: Kind): void {
  const { db, changes } = deps;
  const path = `${ROLES}{role}/${kind.path}{id}/`;
  const params = roleItemParams;

  const find = async (role: RoleRow, id: number): Promise<RoleMemberRow> => {
    const row = await findMember(db.kysely, role.id, kind.subject, id);
    if (!row) throw new AppError("not_found");
    return row;
  };
  const nameOf = async (role: RoleRow, row: RoleMemberRow): Promise<SubjectName> => {
    const prefixes = kind.subject === "key" ? await keyPrefixes(db.kysely, [row.subject_id]) : undefined;
    const wanted = prefixes?.get(row.subject_id) ?? row.subject_id;
    const found = await findSubject(db.kysely, role.organisation_id, kind.subject, wanted);
    return found ?? { id: row.subject_id, name: String(row.subject_id) };
  };

  api.route(
    { method: "get", path, summary: `One ${kind.noun} that has a role`, tag, params, responses: { 200: kind.schema } },
    async ({ access, params: { organisation, role: roleId, id } }) => {
      const role = await openRole(db, access, organisation, roleId);
      return (await presentAll(deps, kind, role, [await find(role, id)]))[0];
    },
  );

  for (const method of ["put", "patch"] as const) {
    api.route(
      {
        method,
        path,
        summary: `Give the role to another ${kind.noun} instead`,
        tag,
        params,
        body: kind.input,
        responses: { 200: kind.schema },
      },
      async ({ access, params: { organisation, role: roleId, id }, body, audited }) => {
        const role = await openRole(db, access, organisation, roleId);
        const before = await find(role, id);
        const who = await readSubject(deps, kind, role, body);
        if (who.id === before.subject_id) return (await presentAll(deps, kind, role, [before]))[0];
        const old = await nameOf(role, before);
        const row = await changes.commit(audited, async (trx) => {
          await deleteMember(trx, id);
          const taken = entryOf(role, kind.subject, old, false);
          const held = await findMembership(trx, role.id, kind.subject, who.id);
          if (held) return { result: held, entries: [taken] };
          const made = await insertMember(trx, { role_id: role.id, subject_type: kind.subject, subject_id: who.id });
          return { result: made, entries: [taken, entryOf(role, kind.subject, who, true)] };
        });
        return (await presentAll(deps, kind, role, [row]))[0];
      },
    );
  }

  api.route(
    { method: "delete", path, summary: `Take a role from a ${kind.noun}`, tag, params, responses: { 204: null } },
    async ({ access, params: { organisation, role: roleId, id }, audited }) => {
      const role = await openRole(db, access, organisation, roleId);
      const row = await find(role, id);
      const who = await nameOf(role, row);
      await changes.commit(audited, async (trx) => {
        await deleteMember(trx, id);
        return { result: undefined, entries: [entryOf(role, kind.subject, who, false)] };
      });
      return noContent();
    },
  );
}
