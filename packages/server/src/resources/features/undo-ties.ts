/** Takes back what was done to the ties between features and segments: their order, and ties that came or went. */
import { z } from "zod";
import type { EnvironmentScope } from "../../access/access.ts";
import type { AuditEntry } from "../../changes/commit.ts";
import { keptOverrideSchema, putBackOverride } from "../../db/kept-overrides.ts";
import { lockEnvironment } from "../../db/lock-rows.ts";
import {
  beyondRestoring,
  changedSince,
  type RecordedChange,
  type UndoCall,
  type Undoers,
  undoing,
} from "../../http/undo.ts";
import { refuseDirectWrite } from "./direct-writes.ts";
import {
  deleteFeatureSegment,
  findFeatureSegment,
  findSegment,
  listFeatureSegments,
  type NamedFeatureSegment,
} from "./feature-segments.store.ts";
import { findFeature } from "./features.store.ts";
import { closeGaps, movePriorities } from "./priorities.ts";
import { refuseMoreOverrides, writePriorities } from "./segment-overrides.ts";
import type { StateDeps } from "./state-changes.ts";
import { listStates } from "./states.store.ts";
import { tieEntry } from "./tie-entry.ts";

/** As tieEntry wrote it. */
const recordedSchema = z.object({
  id: z.int(),
  feature: z.int(),
  segment: z.int(),
  environment: z.int(),
  priority: z.int(),
  /** Only of those that were removed. */
  kept: keptOverrideSchema.optional(),
});
type Recorded = z.output<typeof recordedSchema>;

interface Ties {
  readonly before: Recorded | undefined;
  readonly after: Recorded | undefined;
  readonly about: Recorded;
}

function readTies({ before, after }: RecordedChange): Ties | undefined {
  const [held, made] = [before, after].map((value) => recordedSchema.safeParse(value).data);
  const about = made ?? held;
  return about && { before: held, after: made, about };
}

type Trx = Parameters<typeof putBackOverride>[0];

interface Step {
  readonly trx: Trx;
  readonly scope: EnvironmentScope;
  readonly rows: readonly NamedFeatureSegment[];
  readonly now: number;
}

/** An entry for each whose place is another one now; the one that was asked about first. */
async function placesChanged({ trx, scope, rows }: Step, { environment, feature, id }: Recorded) {
  const after = await listFeatureSegments(trx, environment, feature);
  const before = new Map(rows.map((row) => [row.id, row]));
  const entries = after.flatMap((row): { id: number; entry: AuditEntry }[] => {
    const held = before.get(row.id);
    return held && held.priority !== row.priority ? [{ id: row.id, entry: tieEntry(scope, [held, row]) }] : [];
  });
  return entries.sort((a, b) => Number(b.id === id) - Number(a.id === id)).map(({ entry }) => entry);
}

async function moveBack(step: Step, tie: NamedFeatureSegment | undefined, before: Recorded, after: Recorded) {
  if (!tie || tie.priority !== after.priority) throw changedSince();
  await writePriorities(step.trx, movePriorities(step.rows, [{ id: tie.id, priority: before.priority }]));
  return placesChanged(step, before);
}

async function remove({ trx, scope, rows }: Step, tie: NamedFeatureSegment | undefined) {
  if (!tie) throw changedSince();
  const filter = { environmentId: scope.environment.id, featureSegmentId: tie.id };
  if ((await listStates(trx, filter, 0, 1)).count > 0) throw changedSince();
  await deleteFeatureSegment(trx, tie.id);
  await writePriorities(trx, closeGaps(rows, new Set([tie.id])));
  return [tieEntry(scope, [tie, null])];
}

async function putBack({ trx, scope, rows, now }: Step, { kept, segment }: Recorded) {
  if (!kept) throw beyondRestoring("the entry does not say enough.");
  if (rows.some((row) => row.segment_id === segment)) throw changedSince();
  await refuseMoreOverrides(trx, scope);
  await putBackOverride(trx, kept, now);
  const made = await findFeatureSegment(trx, kept.tie.id);
  if (!made) throw beyondRestoring("its place is gone.");
  return [tieEntry(scope, [null, made])];
}

async function undo({ db, changes, now }: StateDeps, change: RecordedChange, { access, audited }: UndoCall) {
  const ties = readTies(change);
  if (!ties) throw beyondRestoring("the entry does not say enough.");
  const { before, after, about } = ties;
  const scope = await access.environment(about.environment, "MANAGE_SEGMENT_OVERRIDES");
  refuseDirectWrite(scope);
  await changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, about.environment);
    if (!(await findFeature(trx, scope.project.id, about.feature))) throw beyondRestoring("the feature is gone.");
    if (!(await findSegment(trx, scope.project.id, about.segment))) throw beyondRestoring("the segment is gone.");
    const rows = await listFeatureSegments(trx, about.environment, about.feature);
    const tie = rows.find((row) => row.id === about.id);
    const step: Step = { trx, scope, rows, now: now() };
    const act = () => {
      if (!before) return remove(step, tie);
      return after ? moveBack(step, tie, before, after) : putBack(step, before);
    };
    const [first, ...rest] = await act();
    if (!first) throw changedSince();
    return { result: undefined, entries: [undoing(change, first), ...rest], environments: [about.environment] };
  });
}

export function addTieUndoer(undoers: Undoers, deps: StateDeps): void {
  undoers.add("feature_segment", {
    isFor: (change) => {
      const ties = readTies(change);
      return ties !== undefined && (ties.after !== undefined || ties.before?.kept !== undefined);
    },
    undo: (change, call) => undo(deps, change, call),
  });
}
