/** Webhooks of an organisation. */
import { drf } from "@burgee/contract";
import {
  organisationWebhookInput,
  organisationWebhookPatch,
  organisationWebhookSchema,
  pageFields,
  pageSchema,
  rowId,
} from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { mountDeliveries } from "./deliveries.admin.ts";
import { presentWebhooks } from "./present-webhook.ts";
import { createWrites, found, type Owner, type WebhookDeps } from "./webhook-changes.ts";
import { countWebhooks, findWebhook, listWebhooks, type WebhookRow } from "./webhooks.store.ts";

const tag = "webhooks";

export function mountOrganisationWebhooks(api: AdminApi, deps: WebhookDeps): void {
  const { db } = deps;
  const writes = createWrites(deps);
  const present = (rows: readonly WebhookRow[]) => presentWebhooks(db.kysely, rows);
  const presentOne = async (row: WebhookRow) => (await present([row]))[0];
  const LIST = "/api/v1/organisations/{organisation}/webhooks/";
  const listParams = drf.object({ organisation: rowId() });
  const params = drf.object({ organisation: rowId(), id: rowId() });

  const open = async (access: Access, id: number): Promise<Owner> => {
    await access.organisation(id, "ADMIN");
    return { organisationId: id, projectId: null, environmentId: null };
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Webhooks of an organisation",
      tag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(organisationWebhookSchema) },
    },
    async ({ access, params: { organisation }, query, request }) => {
      const owner = await open(access, organisation);
      const page = pageOf(query);
      const rows = await listWebhooks(db.kysely, owner, page.offset, page.limit);
      return answerPage(request, page, await countWebhooks(db.kysely, owner), await present(rows));
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Add a webhook to an organisation",
      tag,
      params: listParams,
      body: organisationWebhookInput,
      responses: { 201: organisationWebhookSchema },
    },
    async ({ access, params: { organisation }, body, audited }) =>
      created(await presentOne(await writes.create(await open(access, organisation), audited, body))),
  );

  api.route(
    {
      method: "get",
      path: `${LIST}{id}/`,
      summary: "One webhook of an organisation",
      tag,
      params,
      responses: { 200: organisationWebhookSchema },
    },
    async ({ access, params: { organisation, id } }) =>
      presentOne(found(await findWebhook(db.kysely, await open(access, organisation), id))),
  );

  for (const [method, body] of [
    ["put", organisationWebhookInput],
    ["patch", organisationWebhookPatch],
  ] as const) {
    api.route(
      {
        method,
        path: `${LIST}{id}/`,
        summary: "Change a webhook of an organisation; what is left out stays",
        tag,
        params,
        body,
        responses: { 200: organisationWebhookSchema },
      },
      async ({ access, params: { organisation, id }, body: wanted, audited }) =>
        presentOne(await writes.update(await open(access, organisation), audited, id, wanted)),
    );
  }

  api.route(
    {
      method: "delete",
      path: `${LIST}{id}/`,
      summary: "Delete a webhook of an organisation",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { organisation, id }, audited }) => {
      await writes.remove(await open(access, organisation), audited, id);
      return noContent();
    },
  );

  mountDeliveries(api, deps, {
    parameter: "organisation",
    open: (access, name) => open(access, Number(name)),
  });
}
