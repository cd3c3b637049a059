import type { Call, Case, Cases } from "./case.ts";
import type { Body, Place, World } from "./world.ts";

type Scope = "organisation" | "environment";

const hook = { url: "https://example.com/hook", enabled: true, secret: "shared" };

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

  return {
    [`GET ${path}`]: ({ here }) => ({ params: { [scope]: nameOf(scope, here) }, status: 200 }),
    [`POST ${path}`]: ({ here }) => ({ params: { [scope]: nameOf(scope, here) }, body: hook, status: 201 }),
    [`GET ${path}{id}/`]: aboutHook({ status: 200 }),
    [`PUT ${path}{id}/`]: aboutHook({ body: { ...hook, url: "https://example.com/other" }, status: 200 }),
    [`PATCH ${path}{id}/`]: aboutHook({ body: { enabled: false }, status: 200 }),
    [`DELETE ${path}{id}/`]: aboutHook({ status: 204 }),
  };
}

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
  "POST /api/v1/webhooks/test/": testHook,
};
