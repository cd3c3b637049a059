/** Whose tokens an organisation trusts. Each relationship acts as a key of its own, which nobody holds. */
import { drf } from "@burgee/contract";
import {
  pageFields,
  pageSchema,
  rowId,
  type TrustPatch,
  trustInput,
  trustPatch,
  trustSchema,
} from "@burgee/contract/admin";
import { isoTime } from "../../accounts/present-person.ts";
import { createOrganisationKey } from "../../accounts/tokens.ts";
import type { AuditEntry } from "../../changes/commit.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { AppError, isAppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { isPrivateHost } from "../../http/private-address.ts";
import { type ExchangeDeps, mountExchange } from "./exchange.admin.ts";
import {
  deleteTrustKey,
  findTrust,
  insertTrust,
  listTrust,
  setKeyRights,
  type TrustColumns,
  type TrustRow,
  updateTrust,
} from "./trust.store.ts";

const LIST = "/api/v1/organisations/{organisation}/trust-relationships/";
const ONE = `${LIST}{id}/`;
const tag = "trust relationships";
const listParams = drf.object({ organisation: rowId() });
const params = drf.object({ organisation: rowId(), id: rowId() });

const shown = (row: TrustRow) => ({
  name: row.name,
  issuer: row.issuer,
  audience: row.audience,
  claim_rules: JSON.parse(row.claim_rules) as { claim: string; values: string[] }[],
  is_admin: row.is_admin === 1,
});

const present = (row: TrustRow) => ({
  id: row.id,
  ...shown(row),
  master_api_key: row.prefix,
  created_by: row.created_by,
  created_at: isoTime(row.created_at),
});

const entryOf = ([before, after]: readonly [TrustRow | null, TrustRow | null]): AuditEntry => {
  const row = (after ?? before) as TrustRow;
  const action = before && after ? "UPDATE" : after ? "CREATE" : "DELETE";
  return {
    action,
    objectType: "trust_relationship",
    objectId: String(row.id),
    organisationId: row.organisation_id,
    projectId: null,
    environmentId: null,
    log: `Trust relationship ${{ CREATE: "created", UPDATE: "changed", DELETE: "deleted" }[action]}: ${row.name}`,
    before: before && shown(before),
    after: after && shown(after),
  };
};

function refuseBad({ issuer, claim_rules: rules }: TrustPatch, allowPrivate: boolean): void {
  if (issuer !== undefined) {
    const isAddress = URL.canParse(issuer) && /^https?:/.test(issuer);
    const url = isAddress ? new URL(issuer) : undefined;
    if (!url) throw badRequest({ issuer: ["Enter a valid URL."] });
    if (url.search + url.hash + url.username !== "") throw badRequest({ issuer: ["It has to be a plain address."] });
    if (!allowPrivate && (url.protocol !== "https:" || isPrivateHost(url.hostname))) {
      throw badRequest({ issuer: ["It has to be https, and reachable by everybody."] });
    }
  }
  // Without a rule, everybody whom the issuer knows would be let in.
  if (rules?.length === 0) throw badRequest({ claim_rules: ["Name at least one claim."] });
  if (rules?.some(({ values }) => values.length === 0 || values.some((value) => /^\**$/.test(value)))) {
    throw badRequest({ claim_rules: ["Each claim needs values, and * alone is none."] });
  }
}

const columnsOf = (body: TrustPatch) => ({
  name: body.name,
  issuer: body.issuer,
  audience: body.audience,
  claim_rules: body.claim_rules && JSON.stringify(body.claim_rules),
});

function asTaken(error: unknown): never {
  if (!isAppError(error, "conflict")) throw error;
  throw badRequest({ non_field_errors: ["This issuer and audience are trusted already."] });
}

export function mountTrust(api: AdminApi, deps: ExchangeDeps): void {
  const { db, changes, now, privateWebhooks } = deps;
  mountExchange(api, deps);

  const find = async (organisation: number, id: number): Promise<TrustRow> => {
    const row = await findTrust(db.kysely, organisation, id);
    if (!row) throw new AppError("not_found");
    return row;
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Whose tokens the organisation trusts",
      tag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(trustSchema) },
    },
    async ({ access, params: { organisation }, query, request }) => {
      await access.organisation(organisation, "ADMIN");
      const page = pageOf(query);
      const { count, rows } = await listTrust(db.kysely, organisation, page.offset, page.limit);
      return answerPage(request, page, count, rows.map(present));
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Trust an issuer's tokens for an audience, as far as their claims are these",
      tag,
      params: listParams,
      body: trustInput,
      responses: { 201: trustSchema },
    },
    async ({ access, caller, params: { organisation }, body, audited }) => {
      await access.organisation(organisation, "ADMIN");
      refuseBad(body, privateWebhooks);
      const createdBy = caller.kind === "user" ? caller.id : null;
      const row = await changes
        .commit(audited, async (trx) => {
          const { id: keyId, entry } = await createOrganisationKey(trx, {
            organisationId: organisation,
            name: `Trust: ${body.name}`.slice(0, 50),
            isAdmin: body.is_admin ?? false,
            createdBy,
            expiresAt: null,
            now: now(),
          });
          const id = await insertTrust(trx, {
            organisation_id: organisation,
            organisation_key_id: keyId,
            name: body.name,
            issuer: body.issuer,
            audience: body.audience,
            claim_rules: JSON.stringify(body.claim_rules),
            created_by: createdBy,
            created_at: now(),
          });
          const made = (await findTrust(trx, organisation, id)) as TrustRow;
          return { result: made, entries: [entry, entryOf([null, made])] };
        })
        .catch(asTaken);
      return created(present(row));
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One trust relationship", tag, params, responses: { 200: trustSchema } },
    async ({ access, params: { organisation, id } }) => {
      await access.organisation(organisation, "ADMIN");
      return present(await find(organisation, id));
    },
  );

  for (const [method, body] of [
    ["put", trustInput],
    ["patch", trustPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change whom it trusts; what is left out stays",
        tag,
        params,
        body,
        responses: { 200: trustSchema },
      },
      async ({ access, params: { organisation, id }, body: wanted, audited }) => {
        await access.organisation(organisation, "ADMIN");
        refuseBad(wanted, privateWebhooks);
        const row = await changes
          .commit(audited, async (trx) => {
            const before = await findTrust(trx, organisation, id);
            if (!before) throw new AppError("not_found");
            const columns = differing<TrustColumns>(before, columnsOf(wanted));
            const isAdmin = flag(wanted.is_admin) ?? before.is_admin;
            if (isEmpty(columns) && isAdmin === before.is_admin) return { result: before, entries: [] };
            if (!isEmpty(columns)) await updateTrust(trx, id, columns);
            await setKeyRights(trx, before.organisation_key_id, isAdmin);
            const after = (await findTrust(trx, organisation, id)) as TrustRow;
            return { result: after, entries: [entryOf([before, after])] };
          })
          .catch(asTaken);
        return present(row);
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Trust it no more; tokens that it gave end at once",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { organisation, id }, audited }) => {
      await access.organisation(organisation, "ADMIN");
      const row = await find(organisation, id);
      await changes.commit(audited, async (trx) => {
        await deleteTrustKey(trx, row.organisation_key_id);
        return { result: undefined, entries: [entryOf([row, null])] };
      });
      return noContent();
    },
  );
}
