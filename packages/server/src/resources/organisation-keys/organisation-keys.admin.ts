/** Keys of an organisation (Flagsmith: master API keys), made and ended by its administrators. A key is shown once. */
import { drf } from "@burgee/contract";
import {
  newOrganisationKeySchema,
  type OrganisationKeyPatch,
  organisationKeyInput,
  organisationKeyPatch,
  organisationKeySchema,
  pageFields,
  pageSchema,
  rowId,
} from "@burgee/contract/admin";
import { isoTime, isoTimeOrNull } from "../../accounts/present-person.ts";
import { createOrganisationKey } from "../../accounts/tokens.ts";
import type { AuditEntry, Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import {
  deleteKey,
  findById,
  findKey,
  type KeyColumns,
  type KeyRow,
  listKeys,
  updateKey,
} from "./organisation-keys.store.ts";

export interface OrganisationKeyDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const LIST = "/api/v1/organisations/{organisation}/master-api-keys/";
const ONE = `${LIST}{prefix}/`;
const tag = "organisation keys";
const listParams = drf.object({ organisation: rowId() });
const params = drf.object({ organisation: rowId(), prefix: drf.string({ maxLength: 100 }) });

const shown = (row: KeyRow) => ({
  prefix: row.prefix,
  name: row.name,
  is_admin: row.is_admin === 1,
  revoked: row.revoked === 1,
  expiry_date: isoTimeOrNull(row.expires_at),
});

const entryOf = (action: "UPDATE" | "DELETE", before: KeyRow, after: KeyRow | null): AuditEntry => ({
  action,
  objectType: "organisation_key",
  objectId: String(before.id),
  organisationId: before.organisation_id,
  projectId: null,
  environmentId: null,
  log: `Organisation key ${action === "UPDATE" ? "changed" : "deleted"}: ${before.name}`,
  before: shown(before),
  after: after && shown(after),
});

const columnsOf = (body: OrganisationKeyPatch): { [Column in keyof KeyColumns]?: KeyColumns[Column] | undefined } => ({
  name: body.name,
  is_admin: flag(body.is_admin),
  revoked: flag(body.revoked),
  expires_at: body.expiry_date,
});

export function mountOrganisationKeys(api: AdminApi, { db, changes, now }: OrganisationKeyDeps): void {
  const present = (row: KeyRow) => ({
    id: row.prefix,
    ...shown(row),
    created: isoTime(row.created_at),
    has_expired: row.expires_at !== null && row.expires_at <= now(),
    created_by: row.created_by,
    last_used: isoTimeOrNull(row.last_used_at),
  });

  const find = async (organisation: number, prefix: string): Promise<KeyRow> => {
    const row = await findKey(db.kysely, organisation, prefix);
    if (!row) throw new AppError("not_found");
    return row;
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Keys of an organisation",
      tag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(organisationKeySchema) },
    },
    async ({ access, params: { organisation }, query, request }) => {
      await access.organisation(organisation, "ADMIN");
      const page = pageOf(query);
      const { count, rows } = await listKeys(db.kysely, organisation, page.offset, page.limit);
      return answerPage(request, page, count, rows.map(present));
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create a key; it is shown in this answer only",
      tag,
      params: listParams,
      body: organisationKeyInput,
      responses: { 201: newOrganisationKeySchema },
    },
    async ({ access, caller, params: { organisation }, body, audited }) => {
      await access.organisation(organisation, "ADMIN");
      const made = await changes.commit(audited, async (trx) => {
        const { id, key, entry } = await createOrganisationKey(trx, {
          organisationId: organisation,
          name: body.name ?? "",
          isAdmin: body.is_admin ?? true,
          createdBy: caller.kind === "user" ? caller.id : null,
          expiresAt: body.expiry_date ?? null,
          now: now(),
        });
        return { result: { row: await findById(trx, id), key }, entries: [entry] };
      });
      return created({ ...present(made.row), key: made.key });
    },
  );

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "One key, without the key itself",
      tag,
      params,
      responses: { 200: organisationKeySchema },
    },
    async ({ access, params: { organisation, prefix } }) => {
      await access.organisation(organisation, "ADMIN");
      return present(await find(organisation, prefix));
    },
  );

  for (const [method, body] of [
    ["put", organisationKeyInput],
    ["patch", organisationKeyPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Rename, revoke, prolong or change the rights of a key; what is left out stays",
        tag,
        params,
        body,
        responses: { 200: organisationKeySchema },
      },
      async ({ access, params: { organisation, prefix }, body: wanted, audited }) => {
        await access.organisation(organisation, "ADMIN");
        const before = await find(organisation, prefix);
        const columns = differing<KeyColumns>(before, columnsOf(wanted));
        if (isEmpty(columns)) return present(before);
        const row = await changes.commit(audited, async (trx) => {
          const after = await updateKey(trx, before.id, columns);
          return { result: after, entries: [entryOf("UPDATE", before, after)] };
        });
        return present(row);
      },
    );
  }

  api.route(
    { method: "delete", path: ONE, summary: "Delete a key: it works no more", tag, params, responses: { 204: null } },
    async ({ access, params: { organisation, prefix }, audited }) => {
      await access.organisation(organisation, "ADMIN");
      const row = await find(organisation, prefix);
      await changes.commit(audited, async (trx) => {
        await deleteKey(trx, row.id);
        return { result: undefined, entries: [entryOf("DELETE", row, null)] };
      });
      return noContent();
    },
  );
}
