/** Organisations: what a caller belongs to, their settings, and their end. */

import { drf } from "@burgee/contract";
import {
  idParams,
  type OrganisationPatch,
  organisationInput,
  organisationPatch,
  organisationSchema,
  pageFields,
  pageSchema,
  subscriptionMetadataSchema,
  uuidParams,
} from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import { deleteOrganisation } from "../../access/organisation-end.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { askerOf } from "../../http/asker.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { endEnvironments } from "../../jobs/end-environments.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import {
  addAdministrator,
  countMembers,
  findByUuid,
  findOrganisation,
  insertOrganisation,
  listOrganisations,
  type OrganisationColumns,
  type OrganisationRow,
  projectIds,
  updateOrganisation,
} from "./organisations.store.ts";
import { auditedOrganisation, presentOrganisation } from "./present-organisation.ts";

export interface OrganisationDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly jobs: Jobs;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const LIST = "/api/v1/organisations/";
const ONE = "/api/v1/organisations/{id}/";
const tag = "organisations";

const columnsOf = (body: OrganisationPatch) => ({
  name: body.name,
  webhook_notification_email: body.webhook_notification_email,
  persist_trait_data: flag(body.persist_trait_data),
  restrict_project_create_to_admin: flag(body.restrict_project_create_to_admin),
  force_2fa: flag(body.force_2fa),
  feature_analytics: flag(body.feature_analytics),
  stop_serving_flags: flag(body.stop_serving_flags),
});

/** What environment documents say of their organisation. */
const EVALUATED = ["name", "persist_trait_data", "feature_analytics", "stop_serving_flags"] as const;

function entryOf(
  action: AuditEntry["action"],
  log: string,
  before: OrganisationRow | null,
  after: OrganisationRow | null,
): AuditEntry {
  const id = (after ?? before)?.id ?? 0;
  return {
    action,
    objectType: "organisation",
    objectId: String(id),
    organisationId: id,
    projectId: null,
    environmentId: null,
    log,
    before: before && auditedOrganisation(before),
    after: after && auditedOrganisation(after),
  };
}

export function mountOrganisations(api: AdminApi, deps: OrganisationDeps): void {
  const { db } = deps;

  const present = async (access: Access, rows: readonly OrganisationRow[]) => {
    const members = await countMembers(
      db.kysely,
      rows.map((row) => row.id),
    );
    const roles = access.caller.organisations;
    return rows.map((row) =>
      presentOrganisation(row, { role: roles.get(row.id) ?? null, members: members.get(row.id) ?? 0 }),
    );
  };
  const presentOne = async (access: Access, row: OrganisationRow) => (await present(access, [row]))[0];

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "The caller's organisations",
      tag,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(organisationSchema) },
    },
    async ({ access, query, request }) => {
      const page = pageOf(query);
      const ids = [...access.caller.organisations.keys()];
      const rows = await listOrganisations(db.kysely, ids, page.offset, page.limit);
      return answerPage(request, page, ids.length, await present(access, rows));
    },
  );

  api.route(
    {
      method: "get",
      path: `${LIST}get-by-uuid/{uuid}/`,
      summary: "One organisation by its uuid",
      tag,
      params: uuidParams,
      responses: { 200: organisationSchema },
    },
    async ({ access, params }) => {
      const found = await findByUuid(db.kysely, params.uuid.toLowerCase());
      return presentOne(access, await access.organisation(found?.id ?? 0, "VIEW"));
    },
  );

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "One organisation",
      tag,
      params: idParams,
      responses: { 200: organisationSchema },
    },
    async ({ access, params }) => presentOne(access, await access.organisation(params.id, "VIEW")),
  );

  api.route(
    {
      method: "get",
      path: `${ONE}get-subscription-metadata/`,
      summary: "Limits of the plan: none",
      tag,
      params: idParams,
      responses: { 200: subscriptionMetadataSchema },
    },
    async ({ access, params }) => {
      await access.organisation(params.id, "VIEW");
      return { max_seats: null, max_api_calls: null, max_projects: null, payment_source: null, chargebee_email: null };
    },
  );

  mountWrites(api, deps, presentOne);
}

type PresentOne = (access: Access, row: OrganisationRow) => Promise<unknown>;

function mountWrites(api: AdminApi, deps: OrganisationDeps, presentOne: PresentOne): void {
  const { changes, jobs, now } = deps;

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create an organisation, whose administrator the caller becomes",
      tag,
      body: organisationInput,
      responses: { 201: organisationSchema },
    },
    async ({ caller, body, audited }) => {
      // A key belongs to its organisation: it could not even see the new one.
      if (caller.kind !== "user") throw new AppError("forbidden");
      const row = await changes.commit(audited, async (trx) => {
        const columns = differing<OrganisationColumns>({}, columnsOf(body));
        const made = await insertOrganisation(trx, { ...columns, name: body.name }, now());
        await addAdministrator(trx, made.id, caller.id, now());
        return { result: made, entries: [entryOf("CREATE", `Organisation created: ${made.name}`, null, made)] };
      });
      return created(presentOrganisation(row, { role: "ADMIN", members: 1 }));
    },
  );

  for (const [method, body] of [
    ["put", organisationInput],
    ["patch", organisationPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change an organisation's settings; what is left out stays",
        tag,
        params: idParams,
        body,
        responses: { 200: organisationSchema },
      },
      async ({ access, params, body: wanted, audited }) => {
        await access.organisation(params.id, "ADMIN");
        return presentOne(access, await update(deps, audited, params.id, wanted));
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete an organisation with everything in it",
      tag,
      params: idParams,
      responses: { 204: null },
    },
    async ({ access, params, audited }) => {
      const row = await access.organisation(params.id, "ADMIN");
      await changes.commit(audited, async (trx) => {
        const ending = { organisationId: row.id, asker: askerOf(access.caller, audited), now: now() };
        const environments = await deleteOrganisation(trx, row.id, (all) => endEnvironments(jobs, trx, all, ending));
        const entries = [entryOf("DELETE", `Organisation deleted: ${row.name}`, row, null)];
        return { result: undefined, entries, environments };
      });
      return noContent();
    },
  );
}

const update = ({ changes }: OrganisationDeps, audited: RequestInfo, id: number, body: OrganisationPatch) =>
  changes.commit(audited, async (trx) => {
    const before = await findOrganisation(trx, id);
    if (!before) throw new AppError("not_found");
    const columns = differing(before, columnsOf(body));
    if (isEmpty(columns)) return { result: before, entries: [] };
    const after = await updateOrganisation(trx, id, columns);
    const entries = [entryOf("UPDATE", `Organisation updated: ${after.name}`, before, after)];
    const isEvaluated = EVALUATED.some((column) => column in columns);
    return { result: after, entries, projects: isEvaluated ? await projectIds(trx, id) : [] };
  });
