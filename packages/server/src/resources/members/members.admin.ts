/** Members of an organisation: who they are, what they are, and their leaving. */
import { drf } from "@burgee/contract";
import {
  memberSchema,
  noSuchRow,
  removedUsersSchema,
  removeUsersInput,
  rowId,
  updatedRoleSchema,
  updateRoleInput,
} from "@burgee/contract/admin";
import type { Transaction } from "kysely";
import { z } from "zod";
import { lockOrganisations, soleAdministrations } from "../../access/administrators.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { isoTime, presentPerson } from "../../accounts/present-person.ts";
import type { AuditEntry, Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest } from "../../http/admin-door.ts";
import { findMember, listMembers, type Member, removeMember, updateRole } from "./members.store.ts";

export interface MemberDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const ORGANISATION = "/api/v1/organisations/{organisation}/";
const tag = "members";
const listParams = drf.object({ organisation: rowId() });

const presentMember = (member: Member) => ({
  ...presentPerson(member),
  role: member.role,
  date_joined: isoTime(member.joined_at),
  two_factor_enabled: member.two_factor_enabled === 1,
});

function entryOf(organisationId: number, log: string, before: Member, after: Member | null): AuditEntry {
  const shown = ({ id, email, role }: Member) => ({ user: id, email, role });
  return {
    action: after ? "UPDATE" : "DELETE",
    objectType: "member",
    objectId: String(before.id),
    organisationId,
    projectId: null,
    environmentId: null,
    subjects: [{ type: "user", id: String(before.id) }],
    log,
    before: shown(before),
    after: after && shown(after),
  };
}

/** Throws where the organisation would be left without an administrator. */
async function assertNotLast(trx: Transaction<Tables>, organisationId: number, member: Member): Promise<void> {
  const sole = await soleAdministrations(trx, member.id);
  if (!sole.some(({ id }) => id === organisationId)) return;
  throw badRequest({ detail: `${member.email} is the last administrator of this organisation.` });
}

export function mountMembers(api: AdminApi, { db, changes }: MemberDeps): void {
  api.route(
    {
      method: "get",
      path: `${ORGANISATION}users/`,
      summary: "Members of an organisation",
      tag,
      params: listParams,
      responses: { 200: z.array(memberSchema) },
    },
    async ({ access, params }) => {
      await access.organisation(params.organisation, "VIEW");
      return (await listMembers(db.kysely, params.organisation)).map(presentMember);
    },
  );

  api.route(
    {
      method: "post",
      path: `${ORGANISATION}users/{id}/update-role/`,
      summary: "Make a member an administrator, or no longer one",
      tag,
      params: drf.object({ organisation: rowId(), id: rowId() }),
      body: updateRoleInput,
      responses: { 200: updatedRoleSchema },
    },
    async ({ access, params, body, audited }) => {
      const { id, name } = await access.organisation(params.organisation, "ADMIN");
      await changes.commit(audited, async (trx) => {
        await lockOrganisations(db, trx, [id]);
        const before = await findMember(trx, id, params.id);
        if (!before) throw new AppError("not_found");
        if (before.role === body.role) return { result: undefined, entries: [] };
        if (body.role === "USER") await assertNotLast(trx, id, before);
        await updateRole(trx, id, params.id, body.role);
        const log = `${before.email} is now ${body.role}`;
        return { result: undefined, entries: [entryOf(id, log, before, { ...before, role: body.role })] };
      });
      return { role: body.role, organisation: { id, name } };
    },
  );

  api.route(
    {
      method: "post",
      path: `${ORGANISATION}remove-users/`,
      summary: "Remove members; anybody may remove oneself",
      tag,
      params: listParams,
      body: removeUsersInput,
      responses: { 200: removedUsersSchema },
    },
    async ({ access, caller, params, body, audited }) => {
      const users = Array.isArray(body) ? body : [body];
      const isLeaving = caller.kind === "user" && users.every(({ id }) => id === caller.id);
      const { id: organisationId } = await access.organisation(params.organisation, isLeaving ? "VIEW" : "ADMIN");
      await changes.commit(audited, async (trx) => {
        await lockOrganisations(db, trx, [organisationId]);
        const entries: AuditEntry[] = [];
        for (const id of new Set(users.map((user) => user.id))) {
          const member = await findMember(trx, organisationId, id);
          if (!member) throw badRequest({ id: [noSuchRow(id)] });
          await assertNotLast(trx, organisationId, member);
          await removeMember(trx, organisationId, id);
          entries.push(entryOf(organisationId, `${member.email} left the organisation`, member, null));
        }
        return { result: undefined, entries };
      });
      return body;
    },
  );
}
