/** What people and groups are given at a place, by its administrators. */
import { drf } from "@burgee/contract";
import {
  type GrantInput,
  grantInput,
  grantPatch,
  grantSchema,
  listedGrantSchema,
  noSuchRow,
  rowId,
} from "@burgee/contract/admin";
import { z } from "zod";
import { deleteGrant, type GrantRow, insertGrant, updateGrant } from "../../access/grants.ts";
import { findPeople } from "../../accounts/people.ts";
import { presentPerson } from "../../accounts/present-person.ts";
import type { AuditEntry } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import {
  findGrant,
  findGroupMembers,
  findGroups,
  findSubject,
  hasGrant,
  listGrants,
  type Subject,
} from "./permissions.store.ts";
import { type PermissionDeps, type Place, type PlaceKind, placeKinds } from "./places.ts";

const tag = "permissions";

const heldOf = (row: GrantRow) => ({
  permissions: JSON.parse(row.permissions) as string[],
  ...(row.scope_type === "organisation" ? {} : { admin: row.is_admin === 1 }),
});

const present = (row: GrantRow) => ({ id: row.id, [row.subject_type]: row.subject_id, ...heldOf(row) });

const sorted = (permissions: readonly string[]): string => JSON.stringify([...new Set(permissions)].sort());

function entryOf(place: Place, name: string, before: GrantRow | null, after: GrantRow | null): AuditEntry {
  const row = (after ?? before) as GrantRow;
  const action = before === null ? "CREATE" : after === null ? "DELETE" : "UPDATE";
  const done = { CREATE: "given", UPDATE: "changed", DELETE: "withdrawn" }[action];
  const shown = (grant: GrantRow) => ({ [grant.subject_type]: name, ...heldOf(grant) });
  return {
    action,
    objectType: "permission",
    objectId: String(row.id),
    organisationId: place.organisationId,
    projectId: place.projectId,
    environmentId: place.environmentId,
    subjects: [{ type: row.subject_type, id: String(row.subject_id) }],
    log: `Permissions of ${row.subject_type} ${name} in ${place.scope} ${place.name} ${done}`,
    before: before && shown(before),
    after: after && shown(after),
  };
}

export function mountGrants(api: AdminApi, deps: PermissionDeps): void {
  for (const kind of placeKinds) {
    for (const subject of ["user", "group"] as const) {
      const path = `${kind.path}${subject === "user" ? "user" : "user-group"}-permissions/`;
      mountList(api, deps, kind, subject, path);
      mountCreate(api, deps, kind, subject, path);
      mountOne(api, deps, kind, subject, `${path}{id}/`);
    }
  }
}

async function presentListed({ db }: PermissionDeps, subject: Subject, place: Place, rows: readonly GrantRow[]) {
  const ids = rows.map((row) => row.subject_id);
  if (subject === "user") {
    const people = await findPeople(db.kysely, ids);
    return rows.map((row) => {
      const person = people.get(row.subject_id);
      return { id: row.id, user: person && presentPerson(person), ...heldOf(row) };
    });
  }
  const members = await findGroupMembers(db.kysely, ids);
  const groups = new Map((await findGroups(db.kysely, ids)).map((group) => [group.id, group]));
  return rows.map((row) => {
    const group = groups.get(row.subject_id);
    const own = members.filter((member) => member.group_id === row.subject_id);
    const users =
      place.scope === "environment"
        ? own.map((member) => ({ ...presentPerson(member), group_admin: member.group_admin === 1 }))
        : own.map((member) => member.id);
    return {
      id: row.id,
      group: group && {
        ...{ id: group.id, name: group.name, users },
        ...{ is_default: group.is_default === 1, external_id: group.external_id },
      },
      ...heldOf(row),
    };
  });
}

function mountList(api: AdminApi, deps: PermissionDeps, kind: PlaceKind, subject: Subject, path: string): void {
  api.route(
    {
      method: "get",
      path,
      summary: `What ${subject}s are given in the ${kind.scope} itself`,
      tag,
      params: kind.params({}),
      query: drf.object({ [subject]: rowId().optional().describe("Only this one's.") }) as z.ZodType<
        Partial<Record<Subject, number>>
      >,
      responses: { 200: z.array(listedGrantSchema) },
    },
    async ({ access, params, query }) => {
      const place = await kind.open(access, params, "ADMIN");
      return presentListed(deps, subject, place, await listGrants(deps.db.kysely, subject, place, query[subject]));
    },
  );
}

function mountCreate(api: AdminApi, deps: PermissionDeps, kind: PlaceKind, subject: Subject, path: string): void {
  const { db, changes } = deps;
  api.route(
    {
      method: "post",
      path,
      summary: `Give a ${subject} permissions in the ${kind.scope}`,
      tag,
      params: kind.params({}),
      body: grantInput(kind.scope, subject),
      responses: { 201: grantSchema },
    },
    async ({ access, params, body, audited }) => {
      const place = await kind.open(access, params, "ADMIN");
      const subjectId = body[subject] ?? 0;
      const name = await findSubject(db.kysely, place.organisationId, subject, subjectId);
      if (name === undefined) throw badRequest({ [subject]: [noSuchRow(subjectId)] });
      const row = await changes.commit(audited, async (trx) => {
        if (await hasGrant(trx, subject, place, subjectId)) {
          throw badRequest({ [subject]: [`This ${subject} has permissions here already: change those.`] });
        }
        const made = await insertGrant(trx, {
          subject_type: subject,
          subject_id: subjectId,
          scope_type: place.scope,
          scope_id: place.id,
          permissions: sorted(body.permissions ?? []),
          is_admin: body.admin ? 1 : 0,
        });
        return { result: made, entries: [entryOf(place, name, null, made)] };
      });
      return created(present(row));
    },
  );
}

function mountOne(api: AdminApi, deps: PermissionDeps, kind: PlaceKind, subject: Subject, path: string): void {
  const { db, changes } = deps;
  const params = kind.params({ id: rowId() });
  const whose = `${subject}'s permissions in the ${kind.scope}`;

  const find = async (place: Place, id: number): Promise<GrantRow> => {
    const row = await findGrant(db.kysely, subject, place, id);
    if (!row) throw new AppError("not_found");
    return row;
  };
  const nameOf = async (place: Place, row: GrantRow) =>
    (await findSubject(db.kysely, place.organisationId, subject, row.subject_id)) ?? String(row.subject_id);

  api.route(
    { method: "get", path, summary: `A ${whose}`, tag, params, responses: { 200: grantSchema } },
    async (call) => {
      const place = await kind.open(call.access, call.params, "ADMIN");
      return present(await find(place, call.params.id));
    },
  );

  const columnsOf = (before: GrantRow, { permissions, admin }: GrantInput) => ({
    permissions: permissions === undefined ? before.permissions : sorted(permissions),
    is_admin: admin === undefined ? before.is_admin : Number(admin),
  });

  for (const [method, body] of [
    ["put", grantInput(kind.scope, subject)],
    ["patch", grantPatch(kind.scope, subject)],
  ] as const) {
    api.route(
      {
        method,
        path,
        summary: `Change a ${whose}; what is left out stays`,
        tag,
        params,
        body,
        responses: { 200: grantSchema },
      },
      async ({ access, params, body: wanted, audited }) => {
        const place = await kind.open(access, params, "ADMIN");
        const before = await find(place, params.id);
        const named = wanted[subject];
        if (named !== undefined && named !== before.subject_id) {
          throw badRequest({ [subject]: [`These are the permissions of another ${subject}.`] });
        }
        const columns = columnsOf(before, wanted);
        if (columns.permissions === before.permissions && columns.is_admin === before.is_admin) return present(before);
        const who = await nameOf(place, before);
        const row = await changes.commit(audited, async (trx) => {
          const after = await updateGrant(trx, params.id, columns);
          return { result: after, entries: [entryOf(place, who, before, after)] };
        });
        return present(row);
      },
    );
  }

  api.route(
    { method: "delete", path, summary: `Withdraw a ${whose}`, tag, params, responses: { 204: null } },
    async ({ access, params, audited }) => {
      const place = await kind.open(access, params, "ADMIN");
      const row = await find(place, params.id);
      const who = await nameOf(place, row);
      await changes.commit(audited, async (trx) => {
        await deleteGrant(trx, params.id);
        return { result: undefined, entries: [entryOf(place, who, row, null)] };
      });
      return noContent();
    },
  );
}
