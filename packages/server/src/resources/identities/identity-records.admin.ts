/** Identities by their identifiers: read, made or changed in one call that may be repeated, deleted; traits one by one. */
import { drf } from "@burgee/contract";
import { identityRecordSchema, recordInput, recordTraitInput, recordTraitSchema } from "@burgee/contract/admin";
import { maxTraitKey } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import { AppError } from "../../errors.ts";
import { type AdminApi, type AdminCall, answer, badRequest } from "../../http/admin-door.ts";
import { type IdentityAdminDeps, MAY, scopeFor } from "./admin-scope.ts";
import { conflictOf, RECORD, recordFor, recordParams, recordTraitParams, showsTraitsTo } from "./by-identifier.ts";
import { countOverrides } from "./overrides.store.ts";
import { presentRecordTrait, tagRecord } from "./present-record.ts";
import {
  deleteRecord,
  type RecordCall,
  readTraits,
  readTyped,
  writeRecord,
  writeRecordTrait,
} from "./record-changes.ts";

const TRAIT = `${RECORD}traits/{trait_key}/`;
const tag = "identities";
const refusals = { 412: conflictOf(identityRecordSchema) };

type Params = { readonly key: string; readonly identifier: string };

async function callOf(
  { access, params, audited, request }: AdminCall<Params, unknown, unknown>,
  anyOf: readonly string[],
): Promise<RecordCall> {
  const scope = await scopeFor(access, params.key, anyOf);
  const showsTraits = await showsTraitsTo(access, scope);
  return { scope, identifier: params.identifier, audited, request, showsTraits };
}

export function mountIdentityRecords(api: AdminApi, deps: IdentityAdminDeps): void {
  const { db, now } = deps;

  api.route(
    {
      method: "get",
      path: RECORD,
      summary: "An identity by its identifier",
      tag,
      params: recordParams,
      responses: { 200: identityRecordSchema },
    },
    async ({ access, params }) => {
      const scope = await recordFor(deps, access, params, MAY.see);
      const overrideCount = await countOverrides(db.kysely, scope.identity, now());
      const showsTraits = await showsTraitsTo(access, scope);
      const { body, etag } = tagRecord(scope.identity, { overrideCount, showsTraits });
      return answer(200, body, { ETag: etag });
    },
  );

  for (const method of ["put", "patch"] as const) {
    const mayCreate = method === "put";
    api.route(
      {
        method,
        path: RECORD,
        summary: mayCreate ? "Make or change an identity; may be repeated" : "Change an identity's traits",
        tag,
        params: recordParams,
        body: recordInput,
        responses: { 200: identityRecordSchema, ...(mayCreate ? { 201: identityRecordSchema } : {}), ...refusals },
      },
      async (call) => {
        const record = await callOf(call, mayCreate ? MAY.manage : MAY.manageTraits);
        const { tagged, isNew } = await writeRecord(deps, record, readTraits(call.body.traits), mayCreate);
        return answer(isNew ? 201 : 200, tagged.body, { ETag: tagged.etag });
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: RECORD,
      summary: "Delete an identity with its traits and overrides",
      tag,
      params: recordParams,
      responses: { 204: null, ...refusals },
    },
    async (call) => {
      await deleteRecord(deps, await callOf(call, MAY.delete));
      return answer(204);
    },
  );

  mountTraitWrites(api, deps);
}

const keyField = drf.string({ trim: false, maxLength: maxTraitKey });

function assertKey(key: string): void {
  const read = drf.parse(keyField, key);
  if (!read.ok) throw badRequest({ trait_key: read.body });
}

function mountTraitWrites(api: AdminApi, deps: IdentityAdminDeps): void {
  api.route(
    {
      method: "put",
      path: TRAIT,
      summary: "Set one trait, as the type it is written in or the one that is named",
      tag: "traits",
      params: recordTraitParams,
      body: recordTraitInput,
      responses: { 200: recordTraitSchema, 201: recordTraitSchema, ...refusals },
    },
    async (call) => {
      const record = await callOf(call, MAY.manageTraits);
      const { trait_key: key } = call.params;
      assertKey(key);
      const value: TraitValue = readTyped(call.body);
      const { tagged, isNewTrait } = await writeRecordTrait(deps, record, key, value);
      if (value === null) throw new AppError("invalid");
      return answer(isNewTrait ? 201 : 200, presentRecordTrait(key, value), { ETag: tagged.etag });
    },
  );

  api.route(
    {
      method: "delete",
      path: TRAIT,
      summary: "Remove one trait",
      tag: "traits",
      params: recordTraitParams,
      responses: { 204: null, ...refusals },
    },
    async (call) => {
      const { tagged } = await writeRecordTrait(
        deps,
        await callOf(call, MAY.manageTraits),
        call.params.trait_key,
        null,
      );
      return answer(204, undefined, { ETag: tagged.etag });
    },
  );
}
