/** Takes changes of segments back. */
import type { RuleInput } from "@burgee/contract/admin";
import { storeRules } from "@burgee/contract/admin";
import { z } from "zod";
import type { Db } from "../../db/database.ts";
import { type KeptOverride, keptOverrideSchema, putBackOverride } from "../../db/kept-overrides.ts";
import { lockEnvironment, lockProject } from "../../db/lock-rows.ts";
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
  countOverridesIn,
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
  /** Only of deleted ones: how many went along, and those, unless they were too many. */
  overrides: z.int().optional(),
  kept: z.array(keptOverrideSchema).optional(),
});
type Recorded = z.output<typeof recordedSchema>;

function readSegments({ before, after }: RecordedChange) {
  const [held, made] = [before, after].map((value) => recordedSchema.safeParse(value).data);
  const about = made ?? held;
  return about && { before: held, after: made, about };
}

type Trx = Parameters<typeof putBackOverride>[0];

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

/** What would have gone meanwhile with its feature or environment stays gone. */
async function putBackOverrides(db: Db, trx: Trx, limit: number, kept: readonly KeptOverride[], now: number) {
  const environments = [...new Set(kept.map(({ tie }) => tie.environment_id))].sort((a, b) => a - b);
  for (const id of environments) await lockEnvironment(db, trx, id);
  for (const override of kept) {
    if (!(await putBackOverride(trx, override, now))) continue;
    if ((await countOverridesIn(trx, override.tie.environment_id)) > limit) {
      throw beyondRestoring("an environment has as many segment overrides as it may have.");
    }
  }
}

async function undo({ db, changes, now }: SegmentDeps, change: RecordedChange, { access, audited }: UndoCall) {
  const segments = readSegments(change);
  if (!segments) throw beyondRestoring("the entry does not say enough.");
  const { before, after, about } = segments;
  await access.project(about.project, "MANAGE_SEGMENTS");

  /** The segment as it is then; null where it was not there before the change. */
  const restore = async (trx: Trx, project: Parameters<typeof refuseMore>[1], row: SegmentRow | undefined) => {
    if (!before) {
      if (await countOverridesOf(trx, about.id)) throw beyondRestoring("it overrides features by now.");
      await deleteSegment(trx, about.id);
      return null;
    }
    await assertFeature(trx, before);
    if (row) return updateSegment(trx, row, columnsOf(before), now());
    const { overrides = 0, kept = [] } = before;
    if (overrides > kept.length) throw beyondRestoring(`${overrides} overrides went with it.`);
    await refuseMore(trx, project);
    const made = await insertSegment(
      trx,
      project.id,
      { ...columnsOf(before), id: before.id, uuid: before.uuid },
      now(),
    );
    await putBackOverrides(db, trx, project.max_segment_overrides_allowed, kept, now());
    return made;
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
