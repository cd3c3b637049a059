/** Deletes features, and puts deleted ones back as they were. */
import type { Transaction } from "kysely";
import { z } from "zod";
import type { ProjectScope } from "../../access/access.ts";
import { groupsAmong, membersAmong } from "../../access/among.ts";
import { type AuditEntry, identitySubject, type RequestInfo } from "../../changes/commit.ts";
import { defaultsOf, insertStates } from "../../db/default-states.ts";
import { lockProject } from "../../db/lock-rows.ts";
import type { Tables } from "../../db/tables.ts";
import { AppError } from "../../errors.ts";
import { beyondRestoring } from "../../http/undo.ts";
import { auditFeature, type FeatureDeps, featureEntry } from "./feature-changes.ts";
import {
  countFeatures,
  deleteFeature,
  environmentIds,
  type FeatureRow,
  findByName,
  findFeature,
  foreignTags,
  type ProjectRow,
} from "./features.store.ts";
import {
  insertKept,
  type KeptRow,
  type KeptRows,
  type KeptTable,
  keepIdentities,
  keptTables,
  readKept,
  segmentsAmong,
} from "./kept-features.store.ts";
import { listOptions, sharesOf } from "./options.store.ts";
import { auditedState } from "./present-state.ts";
import { listDefaults } from "./states.store.ts";

type Trx = Transaction<Tables>;

const notFound = () => new AppError("not_found");

/** Rows that an audit entry holds, so that undoing brings them back; with more, a deletion is for good. */
const MAX_KEPT = 2000;

const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

/** As it stands in an audit entry. */
export const keptFeatureSchema = z.record(z.enum(keptTables), z.array(rowSchema));

/** What nobody can look up any more once it is deleted. */
async function stateEverywhere(trx: Trx, row: FeatureRow) {
  const states = await listDefaults(trx, row.id);
  const shares = await sharesOf(
    trx,
    states.map((state) => state.id),
  );
  const options = await listOptions(trx, row.id);
  return {
    createdAt: row.created_at,
    options: options.map(({ id, value }) => ({ id, value })),
    states: states.map((state) => auditedState(state, shares.get(state.id) ?? [])),
  };
}

/** Answers the entry of it. */
export async function takeFeature(trx: Trx, project: ProjectRow, row: FeatureRow): Promise<AuditEntry> {
  const audited = await auditFeature(trx, row);
  const kept = await readKept(trx, project.id, row.id, MAX_KEPT);
  const gone = await stateEverywhere(trx, row);
  await deleteFeature(trx, row);
  const before = kept ? { ...audited, kept } : audited;
  // Whose overrides the entry holds finds it by its identity: erasing one takes them out again.
  const subjects = (kept?.identity_overrides ?? []).map((override) => ({
    type: "identity",
    id: identitySubject(Number(override["environment_id"]), String(override["identifier"])),
  }));
  return { ...featureEntry(project, row, { action: "DELETE", before, after: null }), gone, subjects };
}

export const removeFeature = (
  { db, changes }: FeatureDeps,
  audited: RequestInfo,
  scope: ProjectScope,
  id: number,
): Promise<void> =>
  changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    const row = project && (await findFeature(trx, project.id, id));
    if (!row) throw notFound();
    return { result: undefined, entries: [await takeFeature(trx, project, row)], projects: [project.id] };
  });

const numbers = (rows: readonly KeptRow[], column: string): number[] => rows.map((row) => Number(row[column]));

/** Ties of what is still there, without the gaps that others leave. */
function closeTies(ties: readonly KeptRow[], segments: ReadonlySet<number>, environments: ReadonlySet<number>) {
  const left = ties.filter(
    (tie) => segments.has(Number(tie["segment_id"])) && environments.has(Number(tie["environment_id"])),
  );
  const ordered = left.toSorted((a, b) => Number(a["priority"]) - Number(b["priority"]));
  return [...Map.groupBy(ordered, (tie) => tie["environment_id"]).values()].flatMap((rows) =>
    rows.map((tie, priority) => ({ ...tie, priority })),
  );
}

/** What went meanwhile with its environment, segment, tag, person, group or identity stays gone. */
async function stillThere(trx: Trx, project: ProjectRow, kept: KeptRows): Promise<KeptRows> {
  const environments = new Set(await environmentIds(trx, project.id));
  const segments = await segmentsAmong(trx, project.id, numbers(kept.feature_segments, "segment_id"));
  for (const id of numbers(kept.segments, "id")) segments.add(id);
  const ties = closeTies(kept.feature_segments, segments, environments);
  const tied = new Set<unknown>([null, ...numbers(ties, "id")]);
  const states = kept.feature_states.filter(
    (state) => environments.has(Number(state["environment_id"])) && tied.has(state["feature_segment_id"]),
  );
  const stateIds = new Set<unknown>(numbers(states, "id"));
  const foreign = new Set<unknown>(await foreignTags(trx, project.id, numbers(kept.feature_tags, "tag_id")));
  const members = await membersAmong(trx, project.organisation_id, numbers(kept.feature_owners, "user_id"));
  const groups = await groupsAmong(trx, project.organisation_id, numbers(kept.feature_group_owners, "group_id"));
  return {
    ...kept,
    feature_segments: ties,
    feature_states: states,
    multivariate_state_values: kept.multivariate_state_values.filter((row) => stateIds.has(row["feature_state_id"])),
    feature_tags: kept.feature_tags.filter((row) => !foreign.has(row["tag_id"])),
    feature_owners: kept.feature_owners.filter((row) => members.has(Number(row["user_id"]))),
    feature_group_owners: kept.feature_group_owners.filter((row) => groups.has(Number(row["group_id"]))),
    identity_overrides: await keepIdentities(trx, kept.identity_overrides),
  };
}

/** Environments made since have the defaults of a new feature. */
async function fillEnvironments(
  trx: Trx,
  project: ProjectRow,
  row: FeatureRow,
  states: readonly KeptRow[],
  now: number,
) {
  const defaults = defaultsOf(row, project.prevent_flag_defaults === 1);
  const held = new Set(numbers(states, "environment_id"));
  const variants = (await listOptions(trx, row.id)).map((option) => ({
    optionId: option.id,
    percentage: option.default_percentage_allocation,
  }));
  const missing = (await environmentIds(trx, project.id)).filter((id) => !held.has(id));
  const fresh = missing.map((environmentId) => ({
    ...defaults,
    ...{ featureId: row.id, environmentId, featureSegmentId: null, variants },
  }));
  await insertStates(trx, fresh, now);
}

/** The project has to be locked. Answers the entry of it. */
export async function putBackFeature(
  trx: Trx,
  project: ProjectRow,
  kept: Readonly<Record<KeptTable, readonly KeptRow[]>>,
  now: number,
): Promise<AuditEntry> {
  const [feature] = kept.features;
  if (!feature || Number(feature["project_id"]) !== project.id) throw notFound();
  if (await findByName(trx, project.id, String(feature["name_key"]))) {
    throw beyondRestoring("another feature has its name by now.");
  }
  if ((await countFeatures(trx, project.id)) >= project.max_features_allowed) {
    throw beyondRestoring("the project has as many features as it may have.");
  }
  const rows = await stillThere(trx, project, kept);
  for (const table of keptTables) await insertKept(trx, table, rows[table]);
  const row = await findFeature(trx, project.id, Number(feature["id"]));
  if (!row) throw notFound();
  await fillEnvironments(trx, project, row, rows.feature_states, now);
  return featureEntry(project, row, { action: "CREATE", before: null, after: await auditFeature(trx, row) });
}
