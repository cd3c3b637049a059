/** Links that make whoever follows them a member, and the following of links and invitations. */
import { drf } from "@burgee/contract";
import { inviteLinkInput, inviteLinkSchema, joinedSchema, joinParams, rowId } from "@burgee/contract/admin";
import { z } from "zod";
import { personOf } from "../../access/person.ts";
import { randomSecret } from "../../access/secrets.ts";
import { acceptInvite, joinOrganisation } from "../../accounts/invitations.ts";
import { isoTime, isoTimeOrNull } from "../../accounts/present-person.ts";
import type { AuditEntry } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import {
  deleteLink,
  findInviteByHash,
  findLink,
  findLinkByHash,
  findMembership,
  type InviteLinkRow,
  insertLink,
  listLinks,
} from "./invites.store.ts";
import type { MemberDeps } from "./members.admin.ts";

const LIST = "/api/v1/organisations/{organisation}/invite-links/";
const tag = "members";
const listParams = drf.object({ organisation: rowId() });

const shown = (row: InviteLinkRow) => ({ role: row.role, expires_at: isoTimeOrNull(row.expires_at) });

const present = (row: InviteLinkRow) => ({
  id: row.id,
  hash: row.hash,
  date_created: isoTime(row.created_at),
  ...shown(row),
});

const entryOf = (action: "CREATE" | "DELETE", row: InviteLinkRow): AuditEntry => ({
  action,
  objectType: "invite_link",
  objectId: String(row.id),
  organisationId: row.organisation_id,
  projectId: null,
  environmentId: null,
  log: `Link to join as ${row.role} ${action === "CREATE" ? "created" : "deleted"}`,
  before: action === "DELETE" ? shown(row) : null,
  after: action === "CREATE" ? shown(row) : null,
});

export function mountInviteLinks(api: AdminApi, deps: MemberDeps): void {
  const { db, changes, now } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Links to join by",
      tag,
      params: listParams,
      responses: { 200: z.array(inviteLinkSchema) },
    },
    async ({ access, params: { organisation } }) => {
      await access.organisation(organisation, "ADMIN");
      return (await listLinks(db.kysely, organisation)).map(present);
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Make a link: whoever has it may join",
      tag,
      params: listParams,
      body: inviteLinkInput,
      responses: { 201: inviteLinkSchema },
    },
    async ({ access, params: { organisation }, body, audited }) => {
      await access.organisation(organisation, "ADMIN");
      const row = await changes.commit(audited, async (trx) => {
        const made = await insertLink(trx, {
          organisation_id: organisation,
          hash: randomSecret(),
          role: body.role ?? "USER",
          created_at: now(),
          expires_at: body.expires_at ?? null,
        });
        return { result: made, entries: [entryOf("CREATE", made)] };
      });
      return created(present(row));
    },
  );

  api.route(
    {
      method: "delete",
      path: `${LIST}{id}/`,
      summary: "Delete a link; who joined by it stays",
      tag,
      params: drf.object({ organisation: rowId(), id: rowId() }),
      responses: { 204: null },
    },
    async ({ access, params: { organisation, id }, audited }) => {
      await access.organisation(organisation, "ADMIN");
      const row = await findLink(db.kysely, organisation, id);
      if (!row) throw new AppError("not_found");
      await changes.commit(audited, async (trx) => {
        await deleteLink(trx, row.id);
        return { result: undefined, entries: [entryOf("DELETE", row)] };
      });
      return noContent();
    },
  );

  mountJoining(api, deps);
}

function mountJoining(api: AdminApi, { db, changes, now }: MemberDeps): void {
  api.route(
    {
      method: "post",
      path: "/api/v1/users/join/{hash}/",
      summary: "Accept an invitation to one's own address",
      tag,
      params: joinParams,
      responses: { 200: joinedSchema },
    },
    async ({ caller, params: { hash }, audited }) => {
      const userId = personOf(caller);
      const organisationId = await changes.commit(audited, async (trx) => {
        const invite = await findInviteByHash(trx, hash);
        if (!invite) throw new AppError("not_found");
        if (invite.email !== caller.name) {
          throw badRequest({ detail: "Registered email does not match invited email" });
        }
        const entries = await acceptInvite(trx, invite, { userId, email: caller.name, now: now() });
        return { result: invite.organisation_id, entries };
      });
      return findMembership(db.kysely, organisationId, userId);
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/users/join/link/{hash}/",
      summary: "Follow a link to join by",
      tag,
      params: joinParams,
      responses: { 200: joinedSchema },
    },
    async ({ caller, params: { hash }, audited }) => {
      const userId = personOf(caller);
      const link = await findLinkByHash(db.kysely, hash);
      if (!link) throw new AppError("not_found");
      if (link.expires_at !== null && link.expires_at <= now())
        throw badRequest({ detail: "Invite Link has expired." });
      const joining = { organisationId: link.organisation_id, userId, email: caller.name, role: link.role, now: now() };
      await changes.commit(audited, async (trx) => ({
        result: undefined,
        entries: await joinOrganisation(trx, joining),
      }));
      return findMembership(db.kysely, link.organisation_id, userId);
    },
  );
}
