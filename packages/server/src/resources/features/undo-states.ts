/** Takes changes of defaults and segment overrides back. */
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
import { deleteFeatureSegment, findSegment, listFeatureSegments } from "./feature-segments.store.ts";
import { type FeatureRow, findFeature } from "./features.store.ts";
import { listOptions } from "./options.store.ts";
import { closeGaps, movePriorities } from "./priorities.ts";
import { addOverrideState, refuseMoreOverrides, tieSegment, writePriorities } from "./segment-overrides.ts";
import { type HeldState, heldValue, holdState, type StateDeps, stateEntry, writeState } from "./state-changes.ts";
import { findDefault, listStates } from "./states.store.ts";

/** As auditedState wrote it. */
const recordedSchema = z.object({
  feature: z.int(),
  environment: z.int(),
  segment: z.int().optional(),
  priority: z.int().optional(),
  enabled: z.boolean(),
  feature_state_value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  multivariate_feature_state_values: z.array(
    z.object({ multivariate_feature_option: z.int(), percentage_allocation: z.number() }),
  ),
  /** Only of overrides that were removed. */
  kept: keptOverrideSchema.optional(),
});
type Recorded = z.output<typeof recordedSchema>;

interface States {
  readonly before: Recorded | undefined;
  readonly after: Recorded | undefined;
  /** Where and what it is about. */
  readonly about: Recorded;
}

function readStates({ before, after }: RecordedChange): States | undefined {
  const [held, made] = [before, after].map((value) => recordedSchema.safeParse(value).data);
  const about = made ?? held;
  return about && { before: held, after: made, about };
}

type Trx = Parameters<typeof addOverrideState>[0];

interface Step {
  readonly trx: Trx;
  readonly scope: EnvironmentScope & { readonly feature: FeatureRow };
  readonly states: States;
  readonly now: number;
}

const sharesIn = (state: Recorded): ReadonlyMap<number, number> =>
  new Map(
    state.multivariate_feature_state_values.map((share) => [
      share.multivariate_feature_option,
      share.percentage_allocation,
    ]),
  );

const inOrder = (shares: ReadonlyMap<number, number>): string => JSON.stringify([...shares].sort(([a], [b]) => a - b));

/** Its place among other overrides counts only where the change was about that. */
function isAs(held: HeldState, recorded: Recorded, withPriority: boolean): boolean {
  const shares = new Map(held.shares.map((share) => [share.multivariate_option_id, share.percentage_allocation]));
  return (
    held.row.enabled === Number(recorded.enabled) &&
    heldValue(held.row) === recorded.feature_state_value &&
    inOrder(shares) === inOrder(sharesIn(recorded)) &&
    (!withPriority || held.segment?.priority === recorded.priority)
  );
}

async function changeTo({ trx, scope }: Step, recorded: Recorded) {
  const known = new Set((await listOptions(trx, scope.feature.id)).map((option) => option.id));
  const shares = sharesIn(recorded);
  if ([...shares.keys()].some((option) => !known.has(option))) throw beyondRestoring("a variant is gone.");
  return { enabled: recorded.enabled, value: recorded.feature_state_value, shares };
}

async function undoDefault(step: Step): Promise<AuditEntry> {
  const { trx, scope, states, now } = step;
  const { before, after } = states;
  const row = await findDefault(trx, scope.environment.id, scope.feature.id);
  if (!row || !before || !after) throw beyondRestoring("there is nothing to go back to.");
  const held = await holdState(trx, row, null);
  if (!isAs(held, after, false)) throw changedSince();
  return stateEntry(scope, [held, await writeState(trx, held, await changeTo(step, before), now)]);
}

/** The override there is now, if there is one. */
async function overrideOf({ trx, scope, states }: Step) {
  const { environment, feature } = scope;
  const rows = await listFeatureSegments(trx, environment.id, feature.id);
  const tie = rows.find((row) => row.segment_id === states.about.segment);
  if (!tie) return { rows, tie: undefined, held: undefined };
  const filter = { environmentId: environment.id, featureSegmentId: tie.id };
  const [row] = (await listStates(trx, filter, 0, 1)).rows;
  return { rows, tie, held: row && (await holdState(trx, row, tie)) };
}

/** With its own numbers where the entry has them: entries of older releases do not. */
async function putBack(step: Step, before: Recorded): Promise<HeldState> {
  const { trx, scope, now } = step;
  const change = await changeTo(step, before);
  if (before.kept) {
    await putBackOverride(trx, before.kept, now);
    const { held } = await overrideOf(step);
    if (held) return held;
  }
  const tie = await tieSegment(trx, scope, scope.feature, before.segment ?? 0, before.priority);
  return addOverrideState(trx, tie, change, now);
}

async function undoOverride(step: Step): Promise<AuditEntry> {
  const { trx, scope, states, now } = step;
  const { before, after } = states;
  const segment = await findSegment(trx, scope.project.id, states.about.segment ?? 0);
  if (!segment) throw beyondRestoring("the segment is gone.");
  const named = { ...scope, segmentName: segment.name };
  const { rows, tie, held } = await overrideOf(step);
  if (!after && before) {
    if (tie) throw changedSince();
    await refuseMoreOverrides(trx, scope);
    return stateEntry(named, [null, await putBack(step, before)]);
  }
  const hasMoved = before !== undefined && after !== undefined && before.priority !== after.priority;
  if (!tie || !held || !after || !isAs(held, after, hasMoved)) throw changedSince();
  if (!before) {
    await deleteFeatureSegment(trx, tie.id);
    await writePriorities(trx, closeGaps(rows, new Set([tie.id])));
    return stateEntry(named, [held, null]);
  }
  const priority = hasMoved ? (before.priority ?? tie.priority) : tie.priority;
  if (priority !== tie.priority) await writePriorities(trx, movePriorities(rows, [{ id: tie.id, priority }]));
  const written = await writeState(trx, held, await changeTo(step, before), now);
  return stateEntry(named, [held, { ...written, segment: { ...tie, priority } }]);
}

async function undo({ db, changes, now }: StateDeps, change: RecordedChange, { access, audited }: UndoCall) {
  const states = readStates(change);
  if (!states) throw beyondRestoring("the entry does not say enough.");
  const { segment, environment, feature: featureId } = states.about;
  const isDefault = segment === undefined;
  const scope = await access.environment(environment, isDefault ? "UPDATE_FEATURE_STATE" : "MANAGE_SEGMENT_OVERRIDES");
  refuseDirectWrite(scope);
  await changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, environment);
    const feature = await findFeature(trx, scope.project.id, featureId);
    if (!feature) throw beyondRestoring("the feature is gone.");
    const inside: Step = { trx, scope: { ...scope, feature }, states, now: now() };
    const entry = isDefault ? await undoDefault(inside) : await undoOverride(inside);
    return { result: undefined, entries: [undoing(change, entry)], environments: [environment] };
  });
}

export function addStateUndoer(undoers: Undoers, deps: StateDeps): void {
  undoers.add("feature_state", {
    isFor: (change) => {
      const states = readStates(change);
      return states !== undefined && (states.about.segment !== undefined || change.action === "UPDATE");
    },
    undo: (change, call) => undo(deps, change, call),
  });
}
