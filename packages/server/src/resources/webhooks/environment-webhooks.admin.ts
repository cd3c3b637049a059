/** Webhooks of an environment. */
import { drf } from "@burgee/contract";
import { rowId, webhookInput, webhookPatch, webhookSchema } from "@burgee/contract/admin";
import { z } from "zod";
import type { Access } from "../../access/access.ts";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { mountDeliveries } from "./deliveries.admin.ts";
import { presentWebhooks } from "./present-webhook.ts";
import { createWrites, found, type Owner, type WebhookDeps } from "./webhook-changes.ts";
import { findWebhook, listWebhooks, type WebhookRow } from "./webhooks.store.ts";

const tag = "webhooks";

export function mountEnvironmentWebhooks(api: AdminApi, deps: WebhookDeps): void {
  const { db } = deps;
  const writes = createWrites(deps);
  const present = (rows: readonly WebhookRow[]) => presentWebhooks(db.kysely, rows);
  const presentOne = async (row: WebhookRow) => (await present([row]))[0];
  const LIST = "/api/v1/environments/{environment}/webhooks/";
  const listParams = drf.object({ environment: drf.string() });
  const params = drf.object({ environment: drf.string(), id: rowId() });

  const open = async (access: Access, key: string): Promise<Owner> => {
    const { project, environment } = await access.environment(key, "ADMIN");
    return { organisationId: project.organisation_id, projectId: project.id, environmentId: environment.id };
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Webhooks of an environment",
      tag,
      params: listParams,
      responses: { 200: z.array(webhookSchema) },
    },
    async ({ access, params: { environment } }) =>
      present(await listWebhooks(db.kysely, await open(access, environment))),
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Add a webhook to an environment",
      tag,
      params: listParams,
      body: webhookInput,
      responses: { 201: webhookSchema },
    },
    async ({ access, params: { environment }, body, audited }) =>
      created(await presentOne(await writes.create(await open(access, environment), audited, body))),
  );

  api.route(
    {
      method: "get",
      path: `${LIST}{id}/`,
      summary: "One webhook of an environment",
      tag,
      params,
      responses: { 200: webhookSchema },
    },
    async ({ access, params: { environment, id } }) =>
      presentOne(found(await findWebhook(db.kysely, await open(access, environment), id))),
  );

  for (const [method, body] of [
    ["put", webhookInput],
    ["patch", webhookPatch],
  ] as const) {
    api.route(
      {
        method,
        path: `${LIST}{id}/`,
        summary: "Change a webhook of an environment; what is left out stays",
        tag,
        params,
        body,
        responses: { 200: webhookSchema },
      },
      async ({ access, params: { environment, id }, body: wanted, audited }) =>
        presentOne(await writes.update(await open(access, environment), audited, id, wanted)),
    );
  }

  api.route(
    {
      method: "delete",
      path: `${LIST}{id}/`,
      summary: "Delete a webhook of an environment",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { environment, id }, audited }) => {
      await writes.remove(await open(access, environment), audited, id);
      return noContent();
    },
  );

  mountDeliveries(api, deps, {
    parameter: "environment",
    open: (access, name) => open(access, name),
  });
}
