/** Why an identity gets what it gets, stored or supposed; and in which segments it is. Nothing is written. */
import {
  explainQuery,
  explanationSchema,
  identitySegmentsSchema,
  type WhatIfInput,
  whatIfInput,
} from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import type { Documents } from "../../documents/documents.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest } from "../../http/admin-door.ts";
import { readNames } from "./actors.store.ts";
import { environmentParams, type IdentityAdminDeps, MAY, scopeFor } from "./admin-scope.ts";
import { findRecord, RECORD, recordFor, recordParams, showsTraitsTo } from "./by-identifier.ts";
import { NO_TRAITS, type Traits } from "./effective-traits.ts";
import { type Asked, explainIdentity } from "./explain-identity.ts";
import type { AdminIdentity } from "./identities-admin.store.ts";
import { findFeatureBy, listOverrides, type OverrideRecord } from "./overrides.store.ts";
import { traitsOf } from "./present-admin-trait.ts";
import { readTraits } from "./record-changes.ts";

const tag = "explanations";

export interface ExplainDeps extends IdentityAdminDeps {
  readonly documents: Documents;
}

async function environmentOf(
  { documents }: ExplainDeps,
  { environment }: EnvironmentScope,
): Promise<LoadedEnvironment> {
  const loaded = await documents.get(environment.id);
  if (!loaded) throw new AppError("not_found");
  return loaded;
}

async function featureOf({ db }: ExplainDeps, { project }: EnvironmentScope, reference: string | undefined) {
  if (reference === undefined) return undefined;
  const feature = await findFeatureBy(db.kysely, project.id, reference);
  if (!feature) throw badRequest({ feature: ["There is no such feature."] });
  return feature.id;
}

async function explainAsked(deps: ExplainDeps, scope: EnvironmentScope, showsTraits: boolean, asked: Asked) {
  const nameOf = await readNames(
    deps.db.kysely,
    asked.overrides.map((row) => row.updated_by),
  );
  return explainIdentity(await environmentOf(deps, scope), asked, { now: deps.now(), showsTraits, nameOf });
}

const overridesOf = ({ db }: ExplainDeps, identity: AdminIdentity): Promise<OverrideRecord[]> | OverrideRecord[] =>
  identity.has_overrides === 1 ? listOverrides(db.kysely, identity) : [];

/** What is asked for laid over what is stored, and nothing of it kept. */
function supposed(stored: Traits, { traits, remove_traits: removed = [] }: WhatIfInput): Traits {
  const made: Record<string, Traits[string]> = Object.assign(Object.create(null), stored);
  for (const key of removed) delete made[key];
  for (const [key, value] of readTraits(traits)) made[key] = value;
  return made;
}

async function whatIf(deps: ExplainDeps, scope: EnvironmentScope, body: WhatIfInput): Promise<Asked> {
  const { identifier = "", stored: wantsStored = true } = body;
  const found = identifier === "" ? undefined : await findRecord(deps.db.kysely, scope.environment.id, identifier);
  const stored = wantsStored ? found : undefined;
  return {
    identifier,
    id: found?.id ?? null,
    traits: supposed(stored ? traitsOf(stored) : NO_TRAITS, body),
    overrides: stored ? await overridesOf(deps, stored) : [],
    featureId: await featureOf(deps, scope, body.feature),
  };
}

export function mountExplanations(api: AdminApi, deps: ExplainDeps): void {
  api.route(
    {
      method: "get",
      path: `${RECORD}explain/`,
      summary: "Why an identity gets what it gets",
      tag,
      params: recordParams,
      query: explainQuery,
      responses: { 200: explanationSchema },
    },
    async ({ access, params, query }) => {
      const scope = await recordFor(deps, access, params, MAY.see);
      const { identity } = scope;
      const overrides = await overridesOf(deps, identity);
      const featureId = await featureOf(deps, scope, query.feature);
      const { id, identifier } = identity;
      const asked = { identifier, id, traits: traitsOf(identity), overrides, featureId };
      return explainAsked(deps, scope, await showsTraitsTo(access, scope), asked);
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/environments/{key}/explain/",
      summary: "What somebody would get, and why; writes nothing",
      tag,
      params: environmentParams,
      body: whatIfInput,
      responses: { 200: explanationSchema },
    },
    async ({ access, params, body }) => {
      const scope = await scopeFor(access, params.key, MAY.see);
      return explainAsked(deps, scope, await showsTraitsTo(access, scope), await whatIf(deps, scope, body));
    },
  );

  api.route(
    {
      method: "get",
      path: `${RECORD}segments/`,
      summary: "Every segment, whether an identity is in it, and why",
      tag,
      params: recordParams,
      responses: { 200: identitySegmentsSchema },
    },
    async ({ access, params }) => {
      const scope = await recordFor(deps, access, params, MAY.viewTraits);
      const { identifier, id } = scope.identity;
      const asked = { identifier, id, traits: traitsOf(scope.identity), overrides: [] };
      return { results: (await explainAsked(deps, scope, true, asked)).segments };
    },
  );
}
