/** Traits of one identity, typed; the keys in use in an environment; one key taken from everybody. */

import { drf } from "@burgee/contract";
import {
  deleteTraitsInput,
  type TraitPatch,
  traitInput,
  traitKeysSchema,
  traitPatch,
  traitSchema,
} from "@burgee/contract/admin";
import { isWholeFloat, wholeFloat, writeTraitValue } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import { z } from "zod";
import { isoMicros } from "../../documents/load.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, type AuditedRequest, badRequest, created, noContent, paged } from "../../http/admin-door.ts";
import {
  entry,
  environmentParams,
  type IdentityAdminDeps,
  type IdentityScope,
  identityFor,
  identityParams,
  itemParams,
  MAY,
  pageOf,
  pageQuery,
  scopeFor,
} from "./admin-scope.ts";
import { deleteTraitEverywhere } from "./delete-trait.ts";
import type { Traits } from "./effective-traits.ts";
import { type AdminIdentity, listTraitKeys, mergeTraits } from "./identities-admin.store.ts";
import { traitId } from "./present-identity.ts";
import { readStoredTraits, writeStoredTraits } from "./stored-traits.ts";

const LIST = "/api/v1/environments/{key}/identities/{identity}/traits/";
const ONE = "/api/v1/environments/{key}/identities/{identity}/traits/{id}/";
const tag = "traits";

const traitsOf = ({ traits }: AdminIdentity): Traits =>
  readStoredTraits(typeof traits === "string" ? traits : JSON.stringify(traits));

/** Keys by id. Two keys with one hash are told apart by their order, so an id names one trait of one identity. */
function keysById(traits: Traits): Map<number, string> {
  const keys = new Map<number, string>();
  for (const key of Object.keys(traits).sort()) {
    let id = traitId(key);
    while (keys.has(id)) id += 1;
    keys.set(id, key);
  }
  return keys;
}

function presentTrait(identity: AdminIdentity, id: number, key: string, value: TraitValue) {
  const float = isWholeFloat(value)
    ? value.float
    : typeof value === "number" && !Number.isInteger(value)
      ? value
      : null;
  const integer = typeof value === "number" && float === null ? value : null;
  return {
    id,
    trait_key: key,
    value_type:
      typeof value === "string" ? "unicode" : typeof value === "boolean" ? "bool" : float === null ? "int" : "float",
    integer_value: integer,
    string_value: typeof value === "string" ? value : null,
    boolean_value: typeof value === "boolean" ? value : null,
    float_value: float,
    created_date: isoMicros(identity.created_at, "Z"),
  };
}

const listTraits = (identity: AdminIdentity) => {
  const traits = traitsOf(identity);
  return [...keysById(traits)].map(([id, key]) => presentTrait(identity, id, key, traits[key] ?? null));
};

/** The value that `value_type` says counts; "unicode" where it says nothing. */
function chosenValue(body: TraitPatch): TraitValue {
  const type = body.value_type ?? "unicode";
  const missing = (field: string) => badRequest({ [field]: ["This field is required."] });
  if (type === "int") {
    if (typeof body.integer_value !== "number") throw missing("integer_value");
    return body.integer_value;
  }
  if (type === "bool") {
    if (typeof body.boolean_value !== "boolean") throw missing("boolean_value");
    return body.boolean_value;
  }
  if (type === "float") {
    if (typeof body.float_value !== "number") throw missing("float_value");
    return Number.isInteger(body.float_value) ? wholeFloat(body.float_value) : body.float_value;
  }
  if (typeof body.string_value !== "string") throw missing("string_value");
  return body.string_value;
}

/** What the body leaves out stays as it is. */
function valueAfter(body: TraitPatch, before: ReturnType<typeof presentTrait>): TraitValue {
  const fields = ["value_type", "integer_value", "string_value", "boolean_value", "float_value"] as const;
  const merged: Record<string, unknown> = { ...before };
  for (const field of fields) if (body[field] !== undefined && body[field] !== null) merged[field] = body[field];
  return chosenValue(merged as TraitPatch);
}

export function mountTraits(api: AdminApi, deps: IdentityAdminDeps): void {
  const { db, changes } = deps;

  interface TraitChange {
    readonly action: "CREATE" | "UPDATE" | "DELETE";
    readonly patch: ReadonlyMap<string, TraitValue>;
    readonly key: string;
    readonly before: TraitValue;
    readonly after: TraitValue;
  }

  const spell = (value: TraitValue) => (value === null ? null : JSON.parse(writeTraitValue(value)));

  /** Traits are data: audited, but no environment evaluates differently for others. */
  const write = (scope: IdentityScope, audited: AuditedRequest, change: TraitChange): Promise<AdminIdentity> =>
    changes.commit(audited, async (trx) => {
      const { identity } = scope;
      const traits = await mergeTraits(trx, identity, db.capabilities.mergeTraits, writeStoredTraits(change.patch));
      const done = { CREATE: "set", UPDATE: "changed", DELETE: "removed" }[change.action];
      const made = entry(scope, identity.identifier, {
        action: change.action,
        objectType: "trait",
        objectId: change.key,
        log: `Trait ${change.key} ${done} for identity ${identity.identifier}`,
        before: { [change.key]: spell(change.before) },
        after: { [change.key]: spell(change.after) },
      });
      return { result: { ...identity, traits }, entries: [made] };
    });

  const found = (identity: AdminIdentity, id: number) => {
    const traits = traitsOf(identity);
    const key = keysById(traits).get(id);
    if (key === undefined) throw new AppError("not_found");
    return presentTrait(identity, id, key, traits[key] ?? null);
  };

  const shown = (identity: AdminIdentity, key: string) => {
    const trait = listTraits(identity).find((candidate) => candidate.trait_key === key);
    if (!trait) throw new AppError("not_found");
    return trait;
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Traits of an identity",
      tag,
      params: identityParams,
      query: pageQuery,
      responses: { 200: z.object({ count: z.number(), results: z.array(traitSchema) }) },
    },
    async ({ access, params, query, request }) => {
      const { identity } = await identityFor(deps, access, params, MAY.viewTraits);
      const page = pageOf(query);
      const traits = listTraits(identity);
      const start = (page.page - 1) * page.pageSize;
      return paged(request, page, traits.length, traits.slice(start, start + page.pageSize));
    },
  );

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
    async ({ access, params, body, audited }) => {
      const scope = await identityFor(deps, access, params, MAY.manageTraits);
      const key = body.trait_key;
      const value = chosenValue(body);
      const traits = traitsOf(scope.identity);
      if (Object.hasOwn(traits, key)) throw badRequest({ trait_key: [`The identity has a trait "${key}" already.`] });
      const patch = new Map([[key, value]]);
      return created(
        shown(await write(scope, audited, { action: "CREATE", patch, key, before: null, after: value }), key),
      );
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One trait", tag, params: itemParams, responses: { 200: traitSchema } },
    async ({ access, params }) => found((await identityFor(deps, access, params, MAY.viewTraits)).identity, params.id),
  );

  for (const method of ["put", "patch"] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a trait",
        tag,
        params: itemParams,
        body: method === "put" ? traitInput : traitPatch,
        responses: { 200: traitSchema },
      },
      async ({ access, params, body, audited }) => {
        const scope = await identityFor(deps, access, params, MAY.manageTraits);
        const before = found(scope.identity, params.id);
        const key = body.trait_key ?? before.trait_key;
        const traits = traitsOf(scope.identity);
        if (key !== before.trait_key && Object.hasOwn(traits, key)) {
          throw badRequest({ trait_key: [`The identity has a trait "${key}" already.`] });
        }
        const value = valueAfter(body, before);
        const patch = new Map<string, TraitValue>([[key, value]]);
        if (key !== before.trait_key) patch.set(before.trait_key, null);
        const change = {
          action: "UPDATE" as const,
          patch,
          key,
          before: traits[before.trait_key] ?? null,
          after: value,
        };
        return shown(await write(scope, audited, change), key);
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
      const { trait_key: key } = found(scope.identity, params.id);
      if (query.deleteAllMatchingTraits === true) await deleteTraitEverywhere(deps, scope, audited, key);
      else {
        const before = traitsOf(scope.identity)[key] ?? null;
        await write(scope, audited, { action: "DELETE", patch: new Map([[key, null]]), key, before, after: null });
      }
      return noContent();
    },
  );

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
      await deleteTraitEverywhere(deps, scope, audited, body.key);
      return { key: body.key };
    },
  );
}
