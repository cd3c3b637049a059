/** Where changes of an environment or an organisation are told to. Delivery is not here; a test call is. */
import { drf } from "@burgee/contract";
import {
  organisationWebhookInput,
  organisationWebhookPatch,
  organisationWebhookSchema,
  pageFields,
  pageSchema,
  rowId,
  webhookInput,
  webhookPatch,
  webhookSchema,
} from "@burgee/contract/admin";
import { z } from "zod";
import type { Access } from "../../access/access.ts";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { createWrites, found, type Owner, presentWebhook as present, type WebhookDeps } from "./webhook-changes.ts";
import { mountWebhookTest } from "./webhook-test.admin.ts";
import { countWebhooks, findWebhook, listWebhooks } from "./webhooks.store.ts";

const tag = "webhooks";

export function mountWebhooks(api: AdminApi, deps: WebhookDeps): void {
  mountOfEnvironments(api, deps);
  mountOfOrganisations(api, deps);
  mountWebhookTest(api, deps);
}

function mountOfEnvironments(api: AdminApi, deps: WebhookDeps): void {
  const { db } = deps;
  const writes = createWrites(deps);
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
      (await listWebhooks(db.kysely, await open(access, environment))).map(present),
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
      created(present(await writes.create(await open(access, environment), audited, body))),
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
      present(found(await findWebhook(db.kysely, await open(access, environment), id))),
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
        present(await writes.update(await open(access, environment), audited, id, wanted)),
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
}

function mountOfOrganisations(api: AdminApi, deps: WebhookDeps): void {
  const { db } = deps;
  const writes = createWrites(deps);
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
      return answerPage(request, page, await countWebhooks(db.kysely, owner), rows.map(present));
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
      created(present(await writes.create(await open(access, organisation), audited, body))),
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
      present(found(await findWebhook(db.kysely, await open(access, organisation), id))),
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
        present(await writes.update(await open(access, organisation), audited, id, wanted)),
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
}
