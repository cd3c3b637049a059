/** What a webhook was sent and is still to be sent, under the webhook's own address. */
import { drf } from "@burgee/contract";
import {
  deliveriesQuery,
  deliveryDetailSchema,
  deliveryPageSchema,
  deliverySchema,
  rowId,
} from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import type { AuditEntry } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, answer } from "../../http/admin-door.ts";
import { readCursor, writeCursor } from "../../http/cursor.ts";
import {
  type DeliveryRow,
  findDelivery,
  hurryDelivery,
  insertDelivery,
  listAttempts,
  listDeliveries,
} from "./deliveries.store.ts";
import { presentAttempt, presentDelivery } from "./present-delivery.ts";
import { found, type Owner, type WebhookDeps } from "./webhook-changes.ts";
import { findWebhook, type WebhookRow } from "./webhooks.store.ts";

export interface HookPlace {
  /** Of the path. */
  readonly parameter: "environment" | "organisation";
  /** Lets in whoever may. */
  readonly open: (access: Access, name: string) => Promise<Owner>;
}

const tag = "webhooks";
const DEFAULT_LIMIT = 50;
const SHOWN_TRIES = 20;

type Params = Readonly<Record<string, string | number>>;

export function mountDeliveries(api: AdminApi, deps: WebhookDeps, { parameter, open }: HookPlace): void {
  const { db } = deps;
  const what = parameter === "environment" ? "an environment" : "an organisation";
  const LIST = `/api/v1/${parameter}s/{${parameter}}/webhooks/{id}/deliveries/`;
  const place = { [parameter]: parameter === "environment" ? drf.string() : rowId(), id: rowId() };
  const oneParams = drf.object({ ...place, delivery: rowId() });

  const openHook = async (access: Access, params: Params): Promise<{ owner: Owner; hook: WebhookRow }> => {
    const owner = await open(access, String(params[parameter]));
    return { owner, hook: found(await findWebhook(db.kysely, owner, Number(params["id"]))) };
  };
  const openDelivery = async (access: Access, params: Params) => {
    const { owner, hook } = await openHook(access, params);
    const delivery = await findDelivery(db.kysely, hook.id, Number(params["delivery"]));
    if (!delivery) throw new AppError("not_found");
    return { owner, hook, delivery };
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: `What a webhook of ${what} was sent and is to be sent`,
      tag,
      params: drf.object(place),
      query: deliveriesQuery,
      responses: { 200: deliveryPageSchema },
    },
    async ({ access, params, query }) => {
      const { hook } = await openHook(access, params);
      const { state, event, cursor, limit = DEFAULT_LIMIT } = query;
      const asked = [hook.id, state ?? null, event ?? null];
      const [before] = cursor === undefined ? [] : readCursor(cursor, asked, ["number"]);
      const rows = await listDeliveries(db.kysely, {
        webhookId: hook.id,
        ...{ state, event, before: before as number | undefined, limit: limit + 1 },
      });
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      const next = rows.length > limit && last ? writeCursor(asked, [last.id]) : null;
      return { results: shown.map(presentDelivery), next };
    },
  );

  api.route(
    {
      method: "get",
      path: `${LIST}{delivery}/`,
      summary: `One delivery of a webhook of ${what}: what was sent, and what was answered`,
      tag,
      params: oneParams,
      responses: { 200: deliveryDetailSchema },
    },
    async ({ access, params }) => {
      const { hook, delivery } = await openDelivery(access, params);
      const tries = await listAttempts(db.kysely, delivery.id, SHOWN_TRIES);
      return { ...presentDelivery(delivery), url: hook.url, body: delivery.body, tries: tries.map(presentAttempt) };
    },
  );

  api.route(
    {
      method: "post",
      path: `${LIST}{delivery}/redeliver/`,
      summary: `Send a delivery of a webhook of ${what} again; one that is still pending, at once`,
      tag,
      params: oneParams,
      responses: { 200: deliverySchema, 201: deliverySchema },
    },
    async ({ access, params, audited }) => {
      const { owner, hook, delivery } = await openDelivery(access, params);
      const isPending = delivery.state === "pending";
      const made = await deps.changes.commit(audited, async (trx) => {
        const at = deps.now();
        const result = isPending ? undefined : await insertDelivery(trx, again(delivery, at));
        if (isPending) await hurryDelivery(trx, delivery.id, at);
        return { result, entries: [redeliveryEntry(owner, delivery)] };
      });
      deps.wake();
      if (made) return answer(201, presentDelivery(made));
      return presentDelivery((await findDelivery(db.kysely, hook.id, delivery.id)) ?? delivery);
    },
  );
}

/** Under the message's own id, so that a receiver knows it again. */
const again = (delivery: DeliveryRow, at: number) => ({
  webhook_id: delivery.webhook_id,
  message_id: delivery.message_id,
  event_type: delivery.event_type,
  object_key: delivery.object_key,
  body: delivery.body,
  created_at: at,
  next_attempt_at: at,
  redelivery_of: delivery.redelivery_of ?? delivery.id,
});

const redeliveryEntry = (owner: Owner, delivery: DeliveryRow): AuditEntry => ({
  action: "UPDATE",
  objectType: "webhook",
  objectId: String(delivery.webhook_id),
  organisationId: owner.organisationId,
  projectId: owner.projectId,
  environmentId: owner.environmentId,
  log: `Delivery ${delivery.id} (${delivery.event_type}) asked for again`,
  before: null,
  after: { delivery: delivery.id, event_type: delivery.event_type, message_id: delivery.message_id },
});
