/** Traits of one identity, typed; the keys in use in an environment; one key taken from everybody. */
import { drf } from "@burgee/contract";
import {
  deleteTraitsInput,
  pageFields,
  pageSchema,
  traitInput,
  traitKeysSchema,
  traitPatch,
  traitSchema,
} from "@burgee/contract/admin";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { environmentParams, identityFor, identityParams, itemParams, MAY, scopeFor } from "./admin-scope.ts";
import { type DeleteTraitDeps, deleteTraitEverywhere } from "./delete-trait.ts";
import { listTraitKeys } from "./identities-admin.store.ts";
import { presentAllTraits } from "./present-admin-trait.ts";
import { addTrait, changeTrait, removeTrait, traitNumbered } from "./trait-changes.ts";

const LIST = "/api/v1/environments/{key}/identities/{identity}/traits/";
const ONE = `${LIST}{id}/`;
const tag = "traits";

export function mountTraits(api: AdminApi, deps: DeleteTraitDeps): void {
  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Traits of an identity",
      tag,
      params: identityParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(traitSchema) },
    },
    async ({ access, params, query, request }) => {
      const { identity } = await identityFor(deps, access, params, MAY.viewTraits);
      const page = pageOf(query);
      const traits = presentAllTraits(identity);
      return answerPage(request, page, traits.length, traits.slice(page.offset, page.offset + page.limit));
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One trait", tag, params: itemParams, responses: { 200: traitSchema } },
    async ({ access, params }) =>
      traitNumbered((await identityFor(deps, access, params, MAY.viewTraits)).identity, params.id),
  );

  mountWrites(api, deps);
  mountEverybodys(api, deps);
}

function mountWrites(api: AdminApi, deps: DeleteTraitDeps): void {
  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Set a trait",
      tag,
      params: identityParams,
      body: traitInput,
      responses: { 201: traitSchema },
    },
    async ({ access, params, body, audited }) =>
      created(await addTrait(deps, await identityFor(deps, access, params, MAY.manageTraits), audited, body)),
  );

  for (const [method, body] of [
    ["put", traitInput],
    ["patch", traitPatch],
  ] as const) {
    api.route(
      { method, path: ONE, summary: "Change a trait", tag, params: itemParams, body, responses: { 200: traitSchema } },
      async ({ access, params, body: wanted, audited }) => {
        const scope = await identityFor(deps, access, params, MAY.manageTraits);
        return changeTrait(deps, scope, audited, params.id, wanted);
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Remove a trait, from one identity or from all of the environment",
      tag,
      params: itemParams,
      query: drf.object({ deleteAllMatchingTraits: drf.boolean().optional() }),
      responses: { 204: null },
    },
    async ({ access, params, query, audited }) => {
      const scope = await identityFor(deps, access, params, MAY.manageTraits);
      if (query.deleteAllMatchingTraits === true) {
        const { trait_key } = traitNumbered(scope.identity, params.id);
        await deleteTraitEverywhere(deps, scope, access.caller, audited, trait_key);
      } else await removeTrait(deps, scope, audited, params.id);
      return noContent();
    },
  );
}

function mountEverybodys(api: AdminApi, deps: DeleteTraitDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: "/api/v1/environments/{key}/trait-keys/",
      summary: "Trait keys in use",
      tag,
      params: environmentParams,
      responses: { 200: traitKeysSchema },
    },
    async ({ access, params }) => {
      const { environment } = await scopeFor(access, params.key, MAY.viewTraits);
      return { keys: await listTraitKeys(db.kysely, environment.id, db.capabilities.eachTrait) };
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/environments/{key}/delete-traits/",
      summary: "Remove a trait from every identity of the environment",
      tag,
      params: environmentParams,
      body: deleteTraitsInput,
      responses: { 200: deleteTraitsInput },
    },
    async ({ access, params, body, audited }) => {
      const scope = await scopeFor(access, params.key, MAY.manageTraits);
      await deleteTraitEverywhere(deps, scope, access.caller, audited, body.key);
      return { key: body.key };
    },
  );
}
