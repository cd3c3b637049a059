/** What a body asks for as a job's payload: everything is looked up and judged before there is a job. */
import type { JobInput, JobTargets, JobType } from "@burgee/contract/admin";
import { noSuchRow } from "@burgee/contract/admin";
import { storeTraitValue } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import {
  type DefaultRow,
  type FeatureRow,
  findFeature,
  findSegment,
  listDefaults,
  listOptions,
} from "./features.store.ts";
import type { IdentityJobDeps, JobPlace } from "./job-batches.ts";
import { MAY_VIEW, mayAny } from "./may.ts";
import { specify } from "./override-spec.ts";
import { readRules } from "./read-rules.ts";

export const placeOf = ({ project, environment }: EnvironmentScope): JobPlace => ({
  organisationId: project.organisation_id,
  projectId: project.id,
  environmentId: environment.id,
  environmentName: environment.name,
});

const required = (field: string) => badRequest({ [field]: ["This field is required."] });

function one({ identifiers, query, all }: JobTargets): JobTargets {
  const given = Number(identifiers !== undefined) + Number(query !== undefined) + Number(all === true);
  if (given !== 1) throw badRequest({ identities: ["Give one of identifiers, query and all: true."] });
  return identifiers ? { identifiers: [...new Set(identifiers)] } : query === undefined ? { all: true } : { query };
}

async function readTargets(
  { search }: IdentityJobDeps,
  access: Access,
  scope: EnvironmentScope,
  body: JobInput,
): Promise<JobTargets> {
  if (!body.identities) throw required("identities");
  const targets = one(body.identities);
  // What a search finds, or how many there are, is for those who may look.
  if (!targets.identifiers && !(await mayAny(access, scope, MAY_VIEW))) throw new AppError("forbidden");
  // Says where a search is wrong, while there is somebody to tell.
  if (targets.query !== undefined) {
    await search.scanMatching({ environmentId: scope.environment.id, query: targets.query, afterId: 0, limit: 1 });
  }
  return targets;
}

async function readFeature(
  { db }: IdentityJobDeps,
  { project }: EnvironmentScope,
  body: JobInput,
): Promise<FeatureRow> {
  if (body.feature === undefined) throw required("feature");
  const feature = await findFeature(db.kysely, project.id, body.feature);
  if (!feature) throw badRequest({ feature: [noSuchRow(body.feature)] });
  return feature;
}

async function readSpec({ db, now }: IdentityJobDeps, scope: EnvironmentScope, feature: FeatureRow, body: JobInput) {
  const expiresAt = body.expires_at;
  if (typeof expiresAt === "number" && expiresAt <= now())
    throw badRequest({ expires_at: ["It must be in the future."] });
  const options = await listOptions(db.kysely, feature.id);
  const base: DefaultRow | undefined = (await listDefaults(db.kysely, scope.environment.id, feature.id)).get(
    feature.id,
  );
  const { enabled, value, variant, reason } = body;
  const spec = specify({ ...feature, options, base }, { enabled, value, variant, reason, expiresAt });
  if ("problem" in spec) throw badRequest({ [spec.field]: [spec.problem] });
  return spec;
}

function readPatch({ traits }: JobInput): { patch: string; keys: string[] } {
  if (!traits) throw required("traits");
  const entries = Object.entries(traits as Record<string, TraitValue>);
  if (entries.length === 0) throw badRequest({ traits: ["This may not be empty."] });
  const long = entries.find(([key]) => key === "" || [...key].length > 200 || key.includes("\0"));
  if (long) throw badRequest({ traits: ["A trait's key has 1 to 200 characters."] });
  const members = entries.map(
    ([key, value]) => `${JSON.stringify(key)}:${value === null ? "null" : storeTraitValue(value)}`,
  );
  return { patch: `{${members.join(",")}}`, keys: entries.map(([key]) => key) };
}

async function readSegment({ db }: IdentityJobDeps, { project }: EnvironmentScope, body: JobInput) {
  if ((body.segment === undefined) === (body.rules === undefined)) {
    throw badRequest({ segment: ["Give a segment or rules, one of them."] });
  }
  if (body.segment === undefined) return { segmentId: 0, name: "the rules", rules: readRules(body.rules) };
  const segment = await findSegment(db.kysely, project.id, body.segment);
  if (!segment) throw badRequest({ segment: [noSuchRow(body.segment)] });
  return { segmentId: segment.id, name: segment.name, rules: JSON.parse(segment.rules) as unknown[] };
}

/** Refuses with 400 what cannot be done, and with 403 what the caller may not. */
export async function readPayload(
  deps: IdentityJobDeps,
  access: Access,
  scope: EnvironmentScope,
  body: JobInput,
): Promise<object> {
  const place = placeOf(scope);
  const readers: Readonly<Record<JobType, () => Promise<object>>> = {
    set_override: async () => {
      const feature = await readFeature(deps, scope, body);
      const spec = await readSpec(deps, scope, feature, body);
      return { place, targets: await readTargets(deps, access, scope, body), feature, spec };
    },
    remove_override: async () => {
      const feature = await readFeature(deps, scope, body);
      return { place, targets: await readTargets(deps, access, scope, body), feature };
    },
    set_traits: async () => ({ place, targets: await readTargets(deps, access, scope, body), ...readPatch(body) }),
    delete_identities: async () => ({ place, targets: await readTargets(deps, access, scope, body) }),
    delete_trait: async () => {
      if (body.trait_key === undefined) throw required("trait_key");
      return { place, key: body.trait_key };
    },
    export_identities: async () => {
      const targets = await readTargets(deps, access, scope, body);
      return { place, targets, format: body.format ?? "ndjson", overrides: body.overrides ?? false };
    },
    count_segment: async () => ({ place, ...(await readSegment(deps, scope, body)) }),
  };
  return readers[body.type]();
}
