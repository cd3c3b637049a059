/** Inviting people. There is no mailer: the answers carry the link, for whoever invites to hand over. */
import { drf } from "@burgee/contract";
import {
  inviteInput,
  inviteSchema,
  invitesInput,
  invitesSchema,
  listedInviteSchema,
  noSuchRow,
  pageFields,
  pageSchema,
  rowId,
} from "@burgee/contract/admin";
import type { Transaction } from "kysely";
import { groupsAmong } from "../../access/among.ts";
import type { Caller } from "../../access/caller.ts";
import { randomSecret } from "../../access/secrets.ts";
import { emailKey, findPeople } from "../../accounts/people.ts";
import { isoTime, presentPerson } from "../../accounts/present-person.ts";
import type { AuditEntry } from "../../changes/commit.ts";
import type { Role, Tables } from "../../db/tables.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import {
  deleteInvite,
  findInvite,
  findInviteByEmail,
  type InviteRow,
  insertInvite,
  isMember,
  keyCreator,
  listInvites,
} from "./invites.store.ts";
import type { MemberDeps } from "./members.admin.ts";

const ORGANISATION = "/api/v1/organisations/{organisation}/";
const LIST = `${ORGANISATION}invites/`;
const ONE = `${LIST}{id}/`;
const tag = "members";
const listParams = drf.object({ organisation: rowId() });
const params = drf.object({ organisation: rowId(), id: rowId() });

interface Invitation {
  readonly email: string;
  readonly role?: Role | undefined;
  readonly permission_groups?: readonly number[] | undefined;
}

/** Without its hash, which lets people in. */
const shown = (row: InviteRow) => ({
  email: row.email,
  role: row.role,
  permission_groups: JSON.parse(row.permission_groups) as number[],
});

const entryOf = (action: "CREATE" | "DELETE", row: InviteRow): AuditEntry => ({
  action,
  objectType: "invite",
  objectId: String(row.id),
  organisationId: row.organisation_id,
  projectId: null,
  environmentId: null,
  log: action === "CREATE" ? `${row.email} was invited as ${row.role}` : `Invitation of ${row.email} withdrawn`,
  before: action === "DELETE" ? shown(row) : null,
  after: action === "CREATE" ? shown(row) : null,
});

export function mountInvites(api: AdminApi, { db, changes, accounts, now }: MemberDeps): void {
  const present = (row: InviteRow) => ({
    id: row.id,
    ...shown(row),
    date_created: isoTime(row.created_at),
    link: `${accounts.settings.publicUrl()}/invite/${row.hash}`,
  });

  const presentListed = async (rows: readonly InviteRow[]) => {
    const people = await findPeople(
      db.kysely,
      rows.flatMap((row) => row.invited_by ?? []),
    );
    return rows.map((row) => {
      const person = row.invited_by === null ? undefined : people.get(row.invited_by);
      return { ...present(row), invited_by: person ? presentPerson(person) : null };
    });
  };

  const inviterOf = (caller: Caller): Promise<number | null> | number =>
    caller.kind === "user" ? caller.id : keyCreator(db.kysely, caller.id);

  const insert = async (
    trx: Transaction<Tables>,
    organisationId: number,
    inviter: number | null,
    wanted: Invitation,
  ) => {
    const email = emailKey(wanted.email);
    if (await isMember(trx, organisationId, email)) {
      throw badRequest({ email: [`${email} is a member of this organisation already.`] });
    }
    if (await findInviteByEmail(trx, organisationId, email)) {
      throw badRequest({ email: [`Invite for email ${email} already exists.`] });
    }
    const groups = [...new Set(wanted.permission_groups ?? [])];
    const known = await groupsAmong(trx, organisationId, groups);
    const unknown = groups.find((id) => !known.has(id));
    if (unknown !== undefined) throw badRequest({ permission_groups: [noSuchRow(unknown)] });
    return insertInvite(trx, {
      organisation_id: organisationId,
      email,
      hash: randomSecret(),
      role: wanted.role ?? "USER",
      permission_groups: JSON.stringify(groups),
      invited_by: inviter,
      created_at: now(),
    });
  };

  const find = async (organisationId: number, id: number): Promise<InviteRow> => {
    const row = await findInvite(db.kysely, organisationId, id);
    if (!row) throw new AppError("not_found");
    return row;
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Open invitations",
      tag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(listedInviteSchema) },
    },
    async ({ access, params: { organisation }, query, request }) => {
      await access.organisation(organisation, "ADMIN");
      const page = pageOf(query);
      const { count, rows } = await listInvites(db.kysely, organisation, page.offset, page.limit);
      return answerPage(request, page, count, await presentListed(rows));
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Invite somebody",
      tag,
      params: listParams,
      body: inviteInput,
      responses: { 201: inviteSchema },
    },
    async ({ access, caller, params: { organisation }, body, audited }) => {
      const place = await access.organisation(organisation, "ADMIN");
      const inviter = await inviterOf(caller);
      const row = await changes.commit(audited, async (trx) => {
        const made = await insert(trx, organisation, inviter, body);
        return { result: made, entries: [entryOf("CREATE", made)] };
      });
      accounts.letters.invite({ ...row, organisation: place.name });
      return created(present(row));
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/organisations/{id}/invite/",
      summary: "Invite several people: all of them or, where one cannot be invited, nobody",
      tag,
      params: drf.object({ id: rowId() }),
      body: invitesInput,
      responses: { 200: invitesSchema },
    },
    async ({ access, caller, params: { id }, body, audited }) => {
      const { name } = await access.organisation(id, "ADMIN");
      const inviter = await inviterOf(caller);
      const wanted: Invitation[] = [...(body.invites ?? []), ...(body.emails ?? []).map((email) => ({ email }))];
      const rows = await changes.commit(audited, async (trx) => {
        const made: InviteRow[] = [];
        for (const each of wanted) made.push(await insert(trx, id, inviter, each));
        return { result: made, entries: made.map((row) => entryOf("CREATE", row)) };
      });
      for (const row of rows) accounts.letters.invite({ ...row, organisation: name });
      return { invites: rows.map(present), emails: rows.map((row) => row.email) };
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One invitation", tag, params, responses: { 200: listedInviteSchema } },
    async ({ access, params: { organisation, id } }) => {
      await access.organisation(organisation, "ADMIN");
      return (await presentListed([await find(organisation, id)]))[0];
    },
  );

  api.route(
    { method: "delete", path: ONE, summary: "Withdraw an invitation", tag, params, responses: { 204: null } },
    async ({ access, params: { organisation, id }, audited }) => {
      await access.organisation(organisation, "ADMIN");
      const row = await find(organisation, id);
      await changes.commit(audited, async (trx) => {
        await deleteInvite(trx, row.id);
        return { result: undefined, entries: [entryOf("DELETE", row)] };
      });
      return noContent();
    },
  );

  api.route(
    {
      method: "post",
      path: `${ONE}resend/`,
      summary: "The invitation with its link, to be handed over again; mailed once more where there is a mail server",
      tag,
      params,
      responses: { 200: listedInviteSchema },
    },
    async ({ access, params: { organisation, id } }) => {
      const { name } = await access.organisation(organisation, "ADMIN");
      const row = await find(organisation, id);
      accounts.letters.invite({ ...row, organisation: name });
      return (await presentListed([row]))[0];
    },
  );
}
