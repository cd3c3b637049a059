/** Writes a flag as a whole: its default and its segment overrides, in one commit. */

import type { FlagAnswer, FlagDefaultInput, FlagInput, FlagOverrideInput } from "@burgee/contract/admin";
import { presentFlagValue } from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import type { AuditEntry, RequestInfo } from "../../changes/commit.ts";
import { lockEnvironment } from "../../db/lock-rows.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import {
  countOverrides,
  deleteFeatureSegment,
  insertFeatureSegment,
  listFeatureSegments,
  type NamedFeatureSegment,
  segmentsAmong,
} from "./feature-segments.store.ts";
import { type Database, type FeatureRow, findFeature } from "./features.store.ts";
import { refuseBadFlag } from "./flag-rules.ts";
import { listOptions, sharesOf } from "./options.store.ts";
import { closeGaps, nextPriority } from "./priorities.ts";
import { addOverrideState, limitReached, writePriorities } from "./segment-overrides.ts";
import {
  type HeldState,
  heldValue,
  type StateChange,
  type StateDeps,
  stateEntry,
  writeState,
} from "./state-changes.ts";
import { findDefault, statesOfFlag } from "./states.store.ts";

type Trx = Parameters<typeof addOverrideState>[0];

const notFound = () => new AppError("not_found");

export async function readFlag(db: Database, environmentId: number, featureId: number): Promise<FlagAnswer> {
  const rows = await statesOfFlag(db, environmentId, featureId);
  const shares = await sharesOf(
    db,
    rows.map((row) => row.id),
  );
  const served = (row: (typeof rows)[number]) => ({
    enabled: row.enabled === 1,
    value: presentFlagValue(heldValue(row)),
    variants: (shares.get(row.id) ?? [])
      .map((share) => ({ id: share.multivariate_option_id, weight: share.percentage_allocation }))
      .sort((a, b) => a.id - b.id),
  });
  const standard = rows.find((row) => row.feature_segment_id === null);
  if (!standard) throw notFound();
  return {
    environment_default: served(standard),
    segment_overrides: rows.flatMap((row) =>
      row.segment_id === null ? [] : [{ segment: { id: row.segment_id }, priority: row.priority ?? 0, ...served(row) }],
    ),
  };
}

interface Flag {
  readonly trx: Trx;
  readonly scope: EnvironmentScope & { readonly feature: FeatureRow };
  readonly replace: boolean;
  readonly now: number;
  readonly entries: AuditEntry[];
}

const sharesIn = (variants: FlagDefaultInput["variants"]) =>
  variants && new Map(variants.map(({ id, weight }) => [id, weight]));

async function holdDefault({ trx, scope }: Flag): Promise<HeldState> {
  const row = await findDefault(trx, scope.environment.id, scope.feature.id);
  if (!row) throw notFound();
  return { row, segment: null, shares: (await sharesOf(trx, [row.id])).get(row.id) ?? [] };
}

/** A replacement without a switch is off, and without a value empty. */
async function writeDefault(flag: Flag, wanted: FlagDefaultInput): Promise<void> {
  const before = await holdDefault(flag);
  const change = {
    enabled: wanted.enabled ?? (flag.replace ? false : undefined),
    value: wanted.value ?? (flag.replace ? null : undefined),
    shares: sharesIn(wanted.variants),
  };
  const after = await writeState(flag.trx, before, change, flag.now);
  if (after !== before) flag.entries.push(stateEntry(flag.scope, [before, after]));
}

/** What a new or replaced override does not say is as in the environment's default; but it is off unless it says otherwise. */
async function overrideChange(flag: Flag, wanted: FlagOverrideInput, isWhole: boolean): Promise<StateChange> {
  if (!isWhole) return { enabled: wanted.enabled, value: wanted.value, shares: sharesIn(wanted.variants) };
  const standard = await holdDefault(flag);
  return {
    enabled: wanted.enabled ?? false,
    value: wanted.value ?? heldValue(standard.row),
    shares:
      sharesIn(wanted.variants) ??
      new Map(standard.shares.map((share) => [share.multivariate_option_id, share.percentage_allocation])),
  };
}

async function removeOverrides(
  flag: Flag,
  rows: readonly NamedFeatureSegment[],
  gone: ReadonlySet<number>,
): Promise<void> {
  for (const row of rows.filter(({ id }) => gone.has(id))) {
    const held = await holdOverride(flag, row);
    await deleteFeatureSegment(flag.trx, row.id);
    if (held) flag.entries.push(stateEntry({ ...flag.scope, segmentName: row.segment_name }, [held, null]));
  }
  await writePriorities(flag.trx, closeGaps(rows, gone));
}

async function holdOverride({ trx, scope }: Flag, segment: NamedFeatureSegment): Promise<HeldState | undefined> {
  const states = await statesOfFlag(trx, scope.environment.id, scope.feature.id);
  const row = states.find((state) => state.feature_segment_id === segment.id);
  return row && { row, segment, shares: (await sharesOf(trx, [row.id])).get(row.id) ?? [] };
}

async function writeOverride(flag: Flag, wanted: FlagOverrideInput, segmentName: string): Promise<number> {
  const { trx, scope, now } = flag;
  const rows = await listFeatureSegments(trx, scope.environment.id, scope.feature.id);
  const found = rows.find((row) => row.segment_id === wanted.segment.id);
  const before = found && (await holdOverride(flag, found));
  const change = await overrideChange(flag, wanted, flag.replace || !before);
  const named = { ...scope, segmentName };
  if (found && before) {
    const priority = wanted.priority ?? found.priority;
    if (priority !== found.priority) await writePriorities(trx, [{ id: found.id, priority }]);
    const after = await writeState(trx, before, change, now);
    const moved = { ...after, segment: { ...found, priority } };
    if (after !== before || priority !== found.priority) flag.entries.push(stateEntry(named, [before, moved]));
    return found.id;
  }
  const tie = found ?? (await addTie(flag, wanted, rows));
  flag.entries.push(stateEntry(named, [null, await addOverrideState(trx, tie, change, now)]));
  return tie.id;
}

async function addTie({ trx, scope }: Flag, wanted: FlagOverrideInput, rows: readonly NamedFeatureSegment[]) {
  if ((await countOverrides(trx, scope.environment.id)) >= scope.project.max_segment_overrides_allowed)
    throw limitReached();
  return insertFeatureSegment(trx, {
    feature_id: scope.feature.id,
    segment_id: wanted.segment.id,
    environment_id: scope.environment.id,
    priority: wanted.priority ?? nextPriority(rows),
  });
}

/** Only of what this request placed: imports may bring overrides that share a place. */
async function refuseSharedPriority({ trx, scope }: Flag, written: ReadonlySet<number>): Promise<void> {
  const rows = await listFeatureSegments(trx, scope.environment.id, scope.feature.id);
  const byPlace = Map.groupBy(rows, (row) => row.priority);
  const isShared = [...byPlace.values()].some((held) => held.length > 1 && held.some((row) => written.has(row.id)));
  if (isShared) throw badRequest({ detail: "Segment overrides must not share a priority." });
}

async function writeOverrides(
  flag: Flag,
  wanted: readonly FlagOverrideInput[],
  segments: ReadonlyMap<number, { readonly name: string }>,
): Promise<void> {
  if (flag.replace) {
    const named = new Set(wanted.map(({ segment }) => segment.id));
    const rows = await listFeatureSegments(flag.trx, flag.scope.environment.id, flag.scope.feature.id);
    const gone = rows.filter((row) => !named.has(row.segment_id)).map((row) => row.id);
    await removeOverrides(flag, rows, new Set(gone));
  }
  const written = new Set<number>();
  for (const override of wanted) {
    written.add(await writeOverride(flag, override, segments.get(override.segment.id)?.name ?? ""));
  }
  await refuseSharedPriority(flag, written);
}

/** `replace`: what the parts named leave out is reset; else it stays. Parts that are not named stay in any case. */
export const writeFlag = (
  { db, changes, now }: StateDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  { featureId, body, replace }: { readonly featureId: number; readonly body: FlagInput; readonly replace: boolean },
): Promise<FlagAnswer> =>
  changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, scope.environment.id);
    const feature = await findFeature(trx, scope.project.id, featureId);
    if (!feature) throw notFound();
    const { environment_default: standard, segment_overrides: overrides } = body;
    const ids = (overrides ?? []).map(({ segment }) => segment.id);
    const segments = await segmentsAmong(trx, scope.project.id, ids);
    refuseBadFlag(body, { feature, options: await listOptions(trx, featureId), segments, replace });
    const flag: Flag = { trx, scope: { ...scope, feature }, replace, now: now(), entries: [] };
    if (standard) await writeDefault(flag, standard);
    if (overrides) await writeOverrides(flag, overrides, segments);
    const result = await readFlag(trx, scope.environment.id, featureId);
    return { result, entries: flag.entries, environments: [scope.environment.id] };
  });

export const removeOverride = (
  { db, changes, now }: StateDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  { featureId, segmentId }: { readonly featureId: number; readonly segmentId: number },
): Promise<FlagAnswer> =>
  changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, scope.environment.id);
    const feature = await findFeature(trx, scope.project.id, featureId);
    if (!feature) throw notFound();
    const rows = await listFeatureSegments(trx, scope.environment.id, featureId);
    const found = rows.find((row) => row.segment_id === segmentId);
    const flag: Flag = { trx, scope: { ...scope, feature }, replace: false, now: now(), entries: [] };
    if (!found || !(await holdOverride(flag, found))) {
      throw new AppError("not_found", { detail: "Segment override not found." });
    }
    await removeOverrides(flag, rows, new Set([found.id]));
    const result = await readFlag(trx, scope.environment.id, featureId);
    return { result, entries: flag.entries, environments: [scope.environment.id] };
  });
