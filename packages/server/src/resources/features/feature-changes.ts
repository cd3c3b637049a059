/** What is done to features, each as one commit. */

import { type FeatureInput, type FeaturePatch, type NestedOptionInput, noSuchRow } from "@burgee/contract/admin";
import type { Transaction } from "kysely";
import type { Access, ProjectScope } from "../../access/access.ts";
import { groupsAmong, membersAmong } from "../../access/among.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { defaultsOf, insertStates } from "../../db/default-states.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { lockProject } from "../../db/lock-rows.ts";
import type { Tables } from "../../db/tables.ts";
import { matchesNamePattern } from "../../documents/name-pattern.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import {
  countFeatures,
  type Database,
  environmentIds,
  type FeatureRow,
  findByName,
  findFeature,
  foreignTags,
  insertFeature,
  type ProjectRow,
  setTags,
  tagsOf,
  updateFeature,
} from "./features.store.ts";
import { insertOption, listOptions } from "./options.store.ts";
import { addGroupOwners, addOwners } from "./owners.store.ts";
import { auditedFeature } from "./present-feature.ts";
import { optionFault, optionValues, replaceVariants } from "./variants.ts";

export interface FeatureDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Who asks, and how the audit log shall name the request. */
export interface Asked {
  readonly access: Access;
  readonly audited: RequestInfo;
}

const notFound = () => new AppError("not_found");

export const auditFeature = async (trx: Database, row: FeatureRow) =>
  auditedFeature(row, await tagsOf(trx, row.id), await listOptions(trx, row.id));

export const featureEntry = (
  project: ProjectRow,
  { id, name }: FeatureRow,
  made: Pick<AuditEntry, "action" | "before" | "after">,
): AuditEntry => ({
  ...made,
  objectType: "feature",
  objectId: String(id),
  organisationId: project.organisation_id,
  projectId: project.id,
  environmentId: null,
  log:
    {
      CREATE: "New Flag / Remote Config created: ",
      UPDATE: "Flag / Remote Config updated: ",
      DELETE: "Flag / Remote Config Deleted: ",
    }[made.action] + name,
});

async function refuseName(trx: Database, project: ProjectRow, name: string): Promise<void> {
  const { feature_name_regex: pattern } = project;
  if (pattern !== null && !matchesNamePattern(pattern, name)) {
    throw badRequest({ name: [`Feature name must match regex: ${pattern}`] });
  }
  if (await findByName(trx, project.id, name.toLowerCase())) {
    const message =
      "Feature with that name already exists for this project. Note that feature names are case insensitive.";
    throw badRequest({ name: [message] });
  }
  if ((await countFeatures(trx, project.id)) >= project.max_features_allowed) {
    throw badRequest({ project: ["The Project has reached the maximum allowed features limit."] });
  }
}

async function refuseTags(trx: Database, projectId: number, tags: readonly number[] = []): Promise<void> {
  const [foreign] = await foreignTags(trx, projectId, tags);
  if (foreign !== undefined) throw badRequest({ tags: [noSuchRow(foreign)] });
}

/** Owners are members of the organisation; a person who names none becomes one, a key cannot be one. */
async function ownersOf(trx: Database, project: ProjectRow, { caller }: Access, body: FeatureInput) {
  const { owners = [], group_owners: groups = [] } = body;
  const members = await membersAmong(trx, project.organisation_id, owners);
  const stranger = owners.find((id) => !members.has(id));
  if (stranger !== undefined) throw badRequest({ owners: [noSuchRow(stranger)] });
  const known = await groupsAmong(trx, project.organisation_id, groups);
  const strange = groups.find((id) => !known.has(id));
  if (strange !== undefined) throw badRequest({ group_owners: [noSuchRow(strange)] });
  if (owners.length + groups.length > 0) return { owners, groups };
  if (project.enforce_feature_owners === 1)
    throw badRequest({ owners: ["At least one owner or group owner is required."] });
  return { owners: caller.kind === "user" ? [caller.id] : [], groups };
}

async function refuseVariants(access: Access, project: ProjectRow, wanted: readonly NestedOptionInput[] | undefined) {
  if (wanted === undefined || wanted.length === 0) return;
  if (await access.mayInProject(project, "ADMIN")) return;
  throw new AppError("forbidden", { detail: "User must be project admin to modify / create MV options." });
}

async function writeVariants(trx: Database, featureId: number, wanted: readonly NestedOptionInput[]) {
  const values = wanted.map((input) => optionValues(input));
  const fault = optionFault(values);
  if (fault) throw badRequest({ multivariate_options: [fault.message] });
  const made: { readonly optionId: number; readonly percentage: number }[] = [];
  for (const option of values) {
    const { id } = await insertOption(trx, featureId, option);
    made.push({ optionId: id, percentage: option.default_percentage_allocation });
  }
  return made;
}

/** The project has to be locked. */
export async function addFeature(
  trx: Transaction<Tables>,
  { project, access, now }: { readonly project: ProjectRow; readonly access: Access; readonly now: number },
  body: FeatureInput,
) {
  await refuseName(trx, project, body.name);
  await refuseTags(trx, project.id, body.tags);
  const { owners, groups } = await ownersOf(trx, project, access, body);
  const { multivariate_options: wanted = [] } = body;
  const columns = {
    name: body.name,
    name_key: body.name.toLowerCase(),
    project_id: project.id,
    type: wanted.length > 0 || body.type === "MULTIVARIATE" ? ("MULTIVARIATE" as const) : ("STANDARD" as const),
    initial_value: body.initial_value ?? null,
    default_enabled: flag(body.default_enabled ?? false),
    description: body.description ?? null,
    is_archived: flag(body.is_archived ?? false),
    is_server_key_only: flag(body.is_server_key_only ?? false),
  };
  const row = await insertFeature(trx, columns, now);
  const variants = await writeVariants(trx, row.id, wanted);
  await setTags(trx, row.id, body.tags ?? []);
  await addOwners(trx, row.id, owners);
  await addGroupOwners(trx, row.id, groups);
  const defaults = defaultsOf(row, project.prevent_flag_defaults === 1);
  const environments = await environmentIds(trx, project.id);
  const states = environments.map((environmentId) => ({
    featureId: row.id,
    environmentId,
    featureSegmentId: null,
    ...defaults,
    variants,
  }));
  await insertStates(trx, states, now);
  const after = await auditFeature(trx, row);
  const entry = featureEntry(project, row, { action: "CREATE", before: null, after });
  return { row, optionIds: variants.map(({ optionId }) => optionId), entry, environments };
}

export async function createFeature(
  { db, changes, now }: FeatureDeps,
  { access, audited }: Asked,
  scope: ProjectScope,
  body: FeatureInput,
): Promise<FeatureRow> {
  await refuseVariants(access, scope.project, body.multivariate_options);
  return changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    if (!project) throw notFound();
    const { row, entry, environments } = await addFeature(trx, { project, access, now: now() }, body);
    return { result: row, entries: [entry], environments };
  });
}

/** Of what an SDK is told or a document holds; and whether it is retired, which whoever shows flags wants to hear of. */
const EVALUATED = ["type", "description", "is_server_key_only", "is_archived"] as const;

/** With variants a feature is MULTIVARIATE; without, it is what was last said. */
const typeOf = (wanted: FeaturePatch["type"], before: FeatureRow, variants: number): FeatureRow["type"] =>
  variants > 0 ? "MULTIVARIATE" : wanted || before.type;

export async function changeFeature(
  { db, changes }: FeatureDeps,
  { access, audited }: Asked,
  scope: ProjectScope,
  id: number,
  body: FeaturePatch,
): Promise<FeatureRow> {
  await refuseVariants(access, scope.project, body.multivariate_options);
  return changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    const row = project && (await findFeature(trx, project.id, id));
    if (!row) throw notFound();
    await refuseTags(trx, project.id, body.tags);
    const before = await auditFeature(trx, row);
    const refuse = (message: string) => badRequest({ multivariate_options: [message] });
    const wanted = body.multivariate_options;
    const kept = wanted ? await replaceVariants(trx, id, wanted, refuse) : [];
    if (body.tags) await setTags(trx, id, body.tags);
    const variants = (await listOptions(trx, id)).length;
    const emptied = variants === 0 && before.multivariate_options.length > 0 ? ("STANDARD" as const) : undefined;
    const columns = differing(row, {
      type: typeOf(body.type || emptied, row, variants),
      description: body.description,
      is_archived: flag(body.is_archived),
      is_server_key_only: flag(body.is_server_key_only),
    });
    const changed = isEmpty(columns) ? row : await updateFeature(trx, id, columns);
    const after = await auditFeature(trx, changed);
    if (JSON.stringify(after) === JSON.stringify(before)) return { result: changed, entries: [] };
    const isEvaluated =
      EVALUATED.some((column) => column in columns) ||
      JSON.stringify(before.multivariate_options) !== JSON.stringify(after.multivariate_options);
    const held = kept.length > 0 ? { ...before, kept } : before;
    const entries = [featureEntry(project, changed, { action: "UPDATE", before: held, after })];
    return { result: changed, entries, projects: isEvaluated ? [project.id] : [] };
  });
}
