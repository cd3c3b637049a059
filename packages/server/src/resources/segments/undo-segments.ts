/** Takes changes of segments back. */
import type { RuleInput } from "@burgee/contract/admin";
import { storeRules } from "@burgee/contract/admin";
import { z } from "zod";
import { lockProject } from "../../db/lock-rows.ts";
import {
  beyondRestoring,
  changedSince,
  type RecordedChange,
  type UndoCall,
  type Undoers,
  undoing,
} from "../../http/undo.ts";
import { auditedSegment, refuseMore, type SegmentDeps, segmentEntry } from "./segment-changes.ts";
import {
  countOverridesOf,
  type Database,
  deleteSegment,
  findFeature,
  findSegment,
  insertSegment,
  overridesOthers,
  type SegmentRow,
  updateSegment,
} from "./segments.store.ts";

/** As auditedSegment wrote it. */
const recordedSchema = z.looseObject({
  id: z.int(),
  project: z.int(),
  name: z.string(),
  description: z.string().nullable(),
  feature: z.int().nullable(),
  rules: z.array(z.unknown()),
  uuid: z.string(),
  /** Only of deleted ones. */
  overrides: z.int().optional(),
});
type Recorded = z.output<typeof recordedSchema>;

function readSegments({ before, after }: RecordedChange) {
  const [held, made] = [before, after].map((value) => recordedSchema.safeParse(value).data);
  const about = made ?? held;
  return about && { before: held, after: made, about };
}

const columnsOf = ({ name, description, feature, rules }: Recorded) => ({
  name,
  description,
  feature_id: feature,
  rules: JSON.stringify(storeRules(rules as RuleInput[])),
});

const isAs = (row: SegmentRow, { name, description, feature, rules }: Recorded): boolean =>
  row.name === name &&
  row.description === description &&
  row.feature_id === feature &&
  JSON.stringify(auditedSegment(row).rules) === JSON.stringify(rules);

async function assertFeature(trx: Database, { id, project, feature }: Recorded): Promise<void> {
  if (feature === null) return;
  if (!(await findFeature(trx, project, feature))) throw beyondRestoring("its feature is gone.");
  if (await overridesOthers(trx, id, feature)) throw beyondRestoring("it overrides other features by now.");
}

async function undo({ db, changes, now }: SegmentDeps, change: RecordedChange, { access, audited }: UndoCall) {
  const segments = readSegments(change);
  if (!segments) throw beyondRestoring("the entry does not say enough.");
  const { before, after, about } = segments;
  await access.project(about.project, "MANAGE_SEGMENTS");

  /** The segment as it is then; null where it was not there before the change. */
  const restore = async (trx: Database, project: Parameters<typeof refuseMore>[1], row: SegmentRow | undefined) => {
    if (!before) {
      if (await countOverridesOf(trx, about.id)) throw beyondRestoring("it overrides features by now.");
      await deleteSegment(trx, about.id);
      return null;
    }
    await assertFeature(trx, before);
    if (row) return updateSegment(trx, row, columnsOf(before), now());
    if (before.overrides) throw beyondRestoring(`${before.overrides} overrides went with it.`);
    await refuseMore(trx, project);
    return insertSegment(trx, project.id, { ...columnsOf(before), id: before.id, uuid: before.uuid }, now());
  };

  await changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, about.project);
    if (!project) throw beyondRestoring("the project is gone.");
    const row = await findSegment(trx, project.id, about.id);
    if (after ? !row || !isAs(row, after) : row !== undefined) throw changedSince();
    const restored = await restore(trx, project, row);
    const entry = segmentEntry(project, [row ?? null, restored]);
    return { result: undefined, entries: [undoing(change, entry)], projects: [project.id] };
  });
}

export function addSegmentUndoer(undoers: Undoers, deps: SegmentDeps): void {
  undoers.add("segment", {
    isFor: (change) => readSegments(change) !== undefined,
    undo: (change, call) => undo(deps, change, call),
  });
}
