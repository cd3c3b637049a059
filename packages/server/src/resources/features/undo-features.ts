/** Takes changes of features back: what is said about them, their tags and their variants; their making and their end. */
import { z } from "zod";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { lockProject } from "../../db/lock-rows.ts";
import { AppError } from "../../errors.ts";
import {
  beyondRestoring,
  changedSince,
  type RecordedChange,
  type UndoCall,
  type Undoers,
  undoing,
} from "../../http/undo.ts";
import { auditFeature, type FeatureDeps, featureEntry } from "./feature-changes.ts";
import { keptFeatureSchema, putBackFeature, takeFeature } from "./feature-removal.ts";
import { type FeatureRow, findFeature, foreignTags, setTags, updateFeature } from "./features.store.ts";
import { type KeptOption, keptOptionSchema, putBackOption, takeOption } from "./kept-options.ts";
import { listOptions, updateOption } from "./options.store.ts";
import { assertTogether, recordedOptionSchema, valuesOf } from "./undo-variants.ts";
import { changeVariant } from "./variants.ts";

/** As auditedFeature wrote it. */
const recordedSchema = z.looseObject({
  id: z.int(),
  type: z.enum(["STANDARD", "MULTIVARIATE"]),
  description: z.string().nullable(),
  is_archived: z.boolean(),
  is_server_key_only: z.boolean(),
  tags: z.array(z.int()),
  multivariate_options: z.array(recordedOptionSchema.loose()),
  /** Variants that the change deleted. */
  kept: z.array(keptOptionSchema).optional(),
});
type Recorded = z.output<typeof recordedSchema>;
type Trx = Parameters<typeof putBackOption>[0];

function readFeatures({ before, after }: RecordedChange) {
  const held = recordedSchema.safeParse(before).data;
  const made = recordedSchema.safeParse(after).data;
  return held && made && { before: held, after: made };
}

/** The variants of before: deleted ones are put back, new ones deleted. Answers what that takes to undo again. */
async function restoreVariants(trx: Trx, featureId: number, before: Recorded): Promise<KeptOption[]> {
  const wanted = new Map(before.multivariate_options.map((option) => [option.id, option]));
  const kept = new Map((before.kept ?? []).map((option) => [option.option.id, option]));
  const gone: KeptOption[] = [];
  const held = await listOptions(trx, featureId);
  for (const row of held) if (!wanted.has(row.id)) gone.push(await takeOption(trx, row));
  const stay = held.filter((row) => wanted.has(row.id));
  // A key may move from one variant to another: it has to be free for a moment.
  for (const row of stay) if (row.key !== null) await updateOption(trx, row.id, { key: null });
  for (const row of stay) {
    const recorded = wanted.get(row.id);
    if (recorded) await changeVariant(trx, { ...row, key: null }, valuesOf(recorded));
  }
  for (const id of wanted.keys()) {
    if (stay.some((row) => row.id === id)) continue;
    const option = kept.get(id);
    if (!option) throw beyondRestoring("a variant is gone.");
    await putBackOption(trx, option);
  }
  assertTogether(await listOptions(trx, featureId));
  return gone;
}

async function restore(trx: Trx, row: FeatureRow, before: Recorded): Promise<[FeatureRow, KeptOption[]]> {
  if ((await foreignTags(trx, row.project_id, before.tags)).length > 0) throw beyondRestoring("a tag is gone.");
  await setTags(trx, row.id, before.tags);
  const gone = await restoreVariants(trx, row.id, before);
  const columns = differing(row, {
    type: before.type,
    description: before.description,
    is_archived: flag(before.is_archived),
    is_server_key_only: flag(before.is_server_key_only),
  });
  return [isEmpty(columns) ? row : await updateFeature(trx, row.id, columns), gone];
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

async function undo({ db, changes }: FeatureDeps, change: RecordedChange, { access, audited }: UndoCall) {
  const features = readFeatures(change);
  if (!features) throw beyondRestoring("the entry does not say enough.");
  const { before, after } = features;
  const scope = await access.project(change.projectId ?? 0, "CREATE_FEATURE");
  const variesVariants = !isSame(before.multivariate_options, after.multivariate_options);
  if (variesVariants && !(await access.mayInProject(scope.project, "ADMIN"))) throw new AppError("forbidden");
  await changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    const row = project && (await findFeature(trx, project.id, before.id));
    if (!row) throw beyondRestoring("the feature is gone.");
    const held = await auditFeature(trx, row);
    if (!isSame(held, change.after)) throw changedSince();
    const [restored, kept] = await restore(trx, row, before);
    const made = await auditFeature(trx, restored);
    const from = kept.length > 0 ? { ...held, kept } : held;
    const entry = featureEntry(project, restored, { action: "UPDATE", before: from, after: made });
    return { result: undefined, entries: [undoing(change, entry)], projects: [project.id] };
  });
}

const wholeSchema = z.looseObject({ id: z.int(), kept: keptFeatureSchema.optional() });

/** A new feature goes, with what it was given since unless that shows in itself; a deleted one comes back. */
async function undoWhole({ db, changes, now }: FeatureDeps, change: RecordedChange, { access, audited }: UndoCall) {
  const scope = await access.project(change.projectId ?? 0, "DELETE_FEATURE");
  if (!(await access.mayInProject(scope.project, "CREATE_FEATURE"))) throw new AppError("forbidden");
  const { id, kept } = wholeSchema.parse(change.before ?? change.after);
  await changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    if (!project) throw beyondRestoring("the project is gone.");
    const row = await findFeature(trx, project.id, id);
    if (kept ? row : !row || !isSame(await auditFeature(trx, row), change.after)) throw changedSince();
    const entry = row
      ? await takeFeature(trx, project, row)
      : kept && (await putBackFeature(trx, project, kept, now()));
    if (entry && row && !wholeSchema.parse(entry.before).kept) throw beyondRestoring("too much hangs on it by now.");
    return { result: undefined, entries: entry ? [undoing(change, entry)] : [], projects: [project.id] };
  });
}

/** Of a deletion only where all that went along was kept. */
function isWhole({ action, before, after }: RecordedChange): boolean {
  if (action === "UPDATE") return false;
  const read = wholeSchema.safeParse(action === "DELETE" ? before : after).data;
  return read !== undefined && (action === "CREATE" || read.kept !== undefined);
}

export function addFeatureUndoer(undoers: Undoers, deps: FeatureDeps): void {
  undoers.add("feature", {
    isFor: (change) => isWhole(change) || (change.action === "UPDATE" && readFeatures(change) !== undefined),
    undo: (change, call) => (isWhole(change) ? undoWhole(deps, change, call) : undo(deps, change, call)),
  });
}
