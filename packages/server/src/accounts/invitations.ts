/** Joining an organisation: by an invitation to an e-mail address, or by a link that anybody may have. */
import type { Transaction } from "kysely";
import type { AuditEntry } from "../changes/commit.ts";
import type { Role, Tables } from "../db/tables.ts";

export interface Joining {
  readonly organisationId: number;
  readonly userId: number;
  readonly email: string;
  readonly role: Role;
  /** Of this organisation; others are left out. */
  readonly groupIds?: readonly number[];
  readonly now: number;
}

async function joinGroups(
  trx: Transaction<Tables>,
  { organisationId, userId, groupIds = [] }: Joining,
): Promise<number[]> {
  const groups = await trx
    .selectFrom("groups")
    .select("id")
    .where("organisation_id", "=", organisationId)
    .where((where) =>
      where.or([where("is_default", "=", 1), ...(groupIds.length > 0 ? [where("id", "in", [...groupIds])] : [])]),
    )
    .orderBy("id")
    .execute();
  const ids = groups.map((group) => group.id);
  if (ids.length > 0) {
    await trx
      .insertInto("group_members")
      .values(ids.map((id) => ({ group_id: id, user_id: userId, group_admin: 0 })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return ids;
}

/** Membership, and the groups that go with it. Whoever is in already stays what it is: no entry. */
export async function joinOrganisation(trx: Transaction<Tables>, joining: Joining): Promise<AuditEntry[]> {
  const { organisationId, userId, email, role, now } = joining;
  const joined = await trx
    .insertInto("organisation_members")
    .values({ organisation_id: organisationId, user_id: userId, role, joined_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning("user_id")
    .executeTakeFirst();
  if (!joined) return [];
  const groups = await joinGroups(trx, joining);
  return [
    {
      action: "CREATE",
      objectType: "member",
      objectId: String(userId),
      organisationId,
      projectId: null,
      environmentId: null,
      subjects: [{ type: "user", id: String(userId) }],
      log: `${email} joined as ${role}`,
      before: null,
      after: { user: userId, email, role, groups },
    },
  ];
}

interface AcceptedInvite {
  readonly organisation_id: number;
  readonly role: Role;
  readonly permission_groups: string;
}

/** The invitation is used up by it. */
export async function acceptInvite(
  trx: Transaction<Tables>,
  invite: AcceptedInvite & { readonly id: number },
  person: { readonly userId: number; readonly email: string; readonly now: number },
): Promise<AuditEntry[]> {
  await trx.deleteFrom("invites").where("id", "=", invite.id).execute();
  return joinOrganisation(trx, {
    ...person,
    organisationId: invite.organisation_id,
    role: invite.role,
    groupIds: JSON.parse(invite.permission_groups) as number[],
  });
}

/** Every invitation to this address, for somebody whose address is known to be theirs. */
export async function acceptInvitesTo(
  trx: Transaction<Tables>,
  person: { readonly userId: number; readonly email: string; readonly now: number },
): Promise<AuditEntry[]> {
  const invites = await trx
    .selectFrom("invites")
    .selectAll()
    .where("email", "=", person.email)
    .orderBy("id")
    .limit(100)
    .execute();
  const entries: AuditEntry[] = [];
  for (const invite of invites) entries.push(...(await acceptInvite(trx, invite, person)));
  return entries;
}
