/** What an identity gets of every feature, and why; and the same for another one by copying its overrides. */
import { cloneOverridesInput, effectiveFlagSchema } from "@burgee/contract/admin";
import { decide } from "@burgee/engine";
import { z } from "zod";
import type { Documents } from "../../documents/documents.ts";
import { applies, overrideState } from "../../documents/states.ts";
import { AppError } from "../../errors.ts";
import type { AdminApi } from "../../http/admin-door.ts";
import { type IdentityAdminDeps, type IdentityScope, identityFor, identityParams, MAY } from "./admin-scope.ts";
import { findIdentity } from "./identities-admin.store.ts";
import { cloneOverrides } from "./override-changes.ts";
import { listOverrides } from "./overrides.store.ts";
import { presentEffective } from "./present-override.ts";
import { readStoredTraits } from "./stored-traits.ts";

const LIST = "/api/v1/environments/{key}/identities/{identity}/featurestates/";
const tag = "identity overrides";

export interface EffectiveFlagsDeps extends IdentityAdminDeps {
  readonly documents: Documents;
}

async function allFlags({ db, documents, now }: EffectiveFlagsDeps, { identity, environment: { id } }: IdentityScope) {
  const environment = await documents.get(id);
  if (!environment) throw new AppError("not_found");
  const rows = await listOverrides(db.kysely, identity);
  const at = now();
  const overrides = rows.flatMap((row) => (applies(row, at) ? (overrideState(environment, row) ?? []) : []));
  const stored = typeof identity.traits === "string" ? identity.traits : JSON.stringify(identity.traits);
  const key = environment.compositeHashKey ? {} : { key: String(identity.id) };
  const subject = { identifier: identity.identifier, traits: readStoredTraits(stored), overrides, ...key };
  return decide(environment.compiled, subject).map(presentEffective);
}

export function mountEffectiveFlags(api: AdminApi, deps: EffectiveFlagsDeps): void {
  api.route(
    {
      method: "get",
      path: `${LIST}all/`,
      summary: "What an identity gets of every feature, and by what",
      tag,
      params: identityParams,
      responses: { 200: z.array(effectiveFlagSchema) },
    },
    async ({ access, params }) => allFlags(deps, await identityFor(deps, access, params, ["VIEW_ENVIRONMENT"])),
  );

  api.route(
    {
      method: "post",
      path: `${LIST}clone-from-given-identity/`,
      summary: "Give an identity exactly the overrides of another one of the environment",
      tag,
      params: identityParams,
      body: cloneOverridesInput,
      responses: { 200: z.array(effectiveFlagSchema) },
    },
    async ({ access, params, body, audited }) => {
      const scope = await identityFor(deps, access, params, MAY.override);
      const source = await findIdentity(deps.db.kysely, scope.environment.id, body.source_identity_id);
      if (!source) throw new AppError("not_found");
      await cloneOverrides(deps, scope, source, audited);
      return allFlags(deps, scope);
    },
  );
}
