import type { Call, Case, Cases } from "./case.ts";
import type { Body, Place, World } from "./world.ts";

type Scope = "organisation" | "environment";

/** Switched off: what stands in the world would otherwise be told of every later case, more and more of them. */
const hook = { url: "https://example.com/hook", enabled: false, secret: "shared" };

const nameOf = (scope: Scope, place: Place): string | number =>
  scope === "environment" ? place.key : place.organisation;

function hookCases(scope: Scope): Cases {
  const path = `/api/v1/${scope}s/{${scope}}/webhooks/`;
  const addressAt = (place: Place) => path.replace(`{${scope}}`, String(nameOf(scope, place)));

  const aboutHook =
    (call: Omit<Call, "params">): Case =>
    async (world: World) => {
      const mine = await world.send("POST", addressAt(world.here), hook);
      const other = scope === "environment" ? world.nextDoor : world.abroad;
      const client = scope === "environment" ? world.admin : world.stranger;
      const theirs = (await client.call("POST", addressAt(other), hook)).body as Body;
      const params = { [scope]: nameOf(scope, world.here), id: mine.id };
      return { params, ...call, foreign: [{ what: "another place's webhook", params: { ...params, id: theirs.id } }] };
    };

  /** Something that was sent: asked for as a redelivery of nothing, since nothing leaves the test. */
  const delivered = async ({ db }: World, hookId: number): Promise<number> => {
    const made = await db.kysely
      .insertInto("webhook_deliveries")
      .values({
        webhook_id: hookId,
        message_id: "msg_1",
        event_type: "FLAG_UPDATED",
        object_key: "feature:1",
        body: "{}",
        state: "delivered",
        created_at: 1,
        finished_at: 1,
        attempts: 1,
        next_attempt_at: 1,
        leased_until: 0,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    return made.id;
  };

  const aboutDelivery =
    (status: number): Case =>
    async (world: World) => {
      const mine = await world.send("POST", addressAt(world.here), hook);
      const sibling = await world.send("POST", addressAt(world.here), hook);
      const params = { [scope]: nameOf(scope, world.here), id: mine.id, delivery: await delivered(world, mine.id) };
      const other = await delivered(world, sibling.id);
      return {
        params,
        status,
        foreign: [
          { what: "another webhook's delivery", params: { ...params, delivery: other } },
          { what: "another webhook", params: { ...params, id: sibling.id } },
        ],
      };
    };

  return {
    [`GET ${path}{id}/deliveries/`]: aboutHook({ status: 200 }),
    [`GET ${path}{id}/deliveries/{delivery}/`]: aboutDelivery(200),
    [`POST ${path}{id}/deliveries/{delivery}/redeliver/`]: aboutDelivery(201),
    [`GET ${path}`]: ({ here }) => ({ params: { [scope]: nameOf(scope, here) }, status: 200 }),
    [`POST ${path}`]: ({ here }) => ({ params: { [scope]: nameOf(scope, here) }, body: hook, status: 201 }),
    [`GET ${path}{id}/`]: aboutHook({ status: 200 }),
    [`PUT ${path}{id}/`]: aboutHook({ body: { ...hook, url: "https://example.com/other" }, status: 200 }),
    [`PATCH ${path}{id}/`]: aboutHook({ body: { enabled: false }, status: 200 }),
    [`DELETE ${path}{id}/`]: aboutHook({ status: 204 }),
  };
}

const identityPath = "/api/v1/environments/{environment}/integrations/webhook/";

/** There is one an environment, so each call has one of its own to itself. */
const identityHook =
  (call: Omit<Call, "params">): Case =>
  async (world: World) => {
    const body = { name: world.fresh("With a hook"), project: world.here.project };
    const made = await world.send("POST", "/api/v1/environments/", body);
    const here = { ...world.here, environment: made.id, key: String(made["api_key"]) };
    const row = await world.send("POST", identityPath.replace("{environment}", here.key), hook);
    const params = { environment: here.key, id: row.id };
    const elsewhere = { ...params, environment: world.nextDoor.key };
    return { at: here, params, ...call, foreign: [{ what: "another environment's", params: elsewhere }] };
  };

const newIdentityHook: Case = async (world) => {
  const body = { name: world.fresh("Without a hook"), project: world.here.project };
  const made = await world.send("POST", "/api/v1/environments/", body);
  const here = { ...world.here, environment: made.id, key: String(made["api_key"]) };
  return { at: here, params: { environment: here.key }, body: hook, status: 201 };
};

/** It is answered 400, because nobody listens there; whoever may not ask does not learn that. */
const testHook = ({ here, abroad }: World): Call => {
  const scope = { type: "organisation", id: String(here.organisation) };
  const body = { webhook_url: "http://127.0.0.1:9/hook", secret: "shared", scope };
  const theirs = { ...body, scope: { ...scope, id: String(abroad.organisation) } };
  const environment = { ...body, scope: { type: "environment", id: abroad.key } };
  return {
    body,
    status: 400,
    foreign: [
      { what: "another organisation", body: theirs },
      { what: "another organisation's environment", body: environment },
    ],
  };
};

export const webhookCases: Cases = {
  ...hookCases("organisation"),
  ...hookCases("environment"),
  [`GET ${identityPath}`]: ({ here }) => ({ params: { environment: here.key }, status: 200 }),
  [`POST ${identityPath}`]: newIdentityHook,
  [`GET ${identityPath}{id}/`]: identityHook({ status: 200 }),
  [`PUT ${identityPath}{id}/`]: identityHook({ body: { url: "https://example.com/other" }, status: 200 }),
  [`PATCH ${identityPath}{id}/`]: identityHook({ body: { secret: "new" }, status: 200 }),
  [`DELETE ${identityPath}{id}/`]: identityHook({ status: 204 }),
  "POST /api/v1/webhooks/test/": testHook,
};
