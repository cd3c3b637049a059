/** How a state is written: its switch, its value and the shares of its variants, with what the audit log keeps of it. */

import type { FlagValue, StateVariantInput } from "@burgee/contract/admin";
import { maxPercentageSum, noSuchRow } from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import type { AuditEntry, AuditSubject, Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, isEmpty } from "../../db/differing.ts";
import { keepOverride } from "../../db/kept-overrides.ts";
import { badRequest } from "../../http/admin-door.ts";
import type { FeatureSegmentRow } from "./feature-segments.store.ts";
import type { Database, FeatureRow } from "./features.store.ts";
import { insertShares, type OptionRow, type ShareRow, sharesOf, updateShare } from "./options.store.ts";
import { auditedState } from "./present-state.ts";
import { type StateRow, updateState } from "./states.store.ts";

export interface StateDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Left-out parts stay. */
export interface StateChange {
  readonly enabled?: boolean | undefined;
  readonly value?: FlagValue | undefined;
  /** Percent by variant; variants left out get nothing. */
  readonly shares?: ReadonlyMap<number, number> | undefined;
}

export interface HeldState {
  readonly row: StateRow;
  readonly shares: readonly ShareRow[];
  readonly segment: FeatureSegmentRow | null;
}

export async function holdState(db: Database, row: StateRow, segment: FeatureSegmentRow | null): Promise<HeldState> {
  return { row, segment, shares: (await sharesOf(db, [row.id])).get(row.id) ?? [] };
}

export const heldValue = (row: Pick<StateRow, "value">): FlagValue => JSON.parse(row.value) as FlagValue;

/** Percent by variant, refused where a variant is not the feature's or all take more than there is. */
export function readShares(
  wanted: readonly StateVariantInput[] | undefined,
  options: readonly OptionRow[],
): ReadonlyMap<number, number> | undefined {
  if (wanted === undefined) return undefined;
  const known = new Set(options.map((option) => option.id));
  const faults = wanted.map(({ multivariate_feature_option: id }) =>
    known.has(id) ? {} : { multivariate_feature_option: [noSuchRow(id)] },
  );
  if (faults.some((fault) => !isEmpty(fault))) throw badRequest({ multivariate_feature_state_values: faults });
  const shares = new Map(wanted.map((share) => [share.multivariate_feature_option, share.percentage_allocation]));
  if (shares.size < wanted.length) {
    throw badRequest({ multivariate_feature_state_values: ["Each option may be named once."] });
  }
  if (sumOf(shares.values()) > maxPercentageSum) {
    throw badRequest({ non_field_errors: ["Multivariate percentage values exceed 100%."] });
  }
  return shares;
}

export const sumOf = (shares: Iterable<number>): number => [...shares].reduce((sum, share) => sum + share, 0);

/** Rows stay where they are and keep their ids, since those decide how variants are laid out. */
async function writeShares(db: Database, { row, shares }: HeldState, wanted: ReadonlyMap<number, number>) {
  let hasChanged = false;
  for (const share of shares) {
    const percentage = wanted.get(share.multivariate_option_id) ?? 0;
    if (percentage === share.percentage_allocation) continue;
    await updateShare(db, share.id, percentage);
    hasChanged = true;
  }
  const held = new Set(shares.map((share) => share.multivariate_option_id));
  const added = [...wanted].filter(([option]) => !held.has(option));
  await insertShares(
    db,
    added.map(([option, percentage]) => ({
      feature_state_id: row.id,
      multivariate_option_id: option,
      percentage_allocation: percentage,
    })),
  );
  return hasChanged || added.length > 0;
}

/** Answers the same object where nothing changed. */
export async function writeState(
  db: Database,
  held: HeldState,
  { enabled, value, shares }: StateChange,
  now: number,
): Promise<HeldState> {
  const columns = differing(held.row, {
    enabled: enabled === undefined ? undefined : Number(enabled),
    value: value === undefined ? undefined : JSON.stringify(value),
  });
  const hasNewShares = shares !== undefined && (await writeShares(db, held, shares));
  if (isEmpty(columns) && !hasNewShares) return held;
  return holdState(db, await updateState(db, held.row.id, columns, now), held.segment);
}

export interface StateScope extends EnvironmentScope {
  readonly feature: FeatureRow;
  /** Of an override. */
  readonly segmentName?: string | undefined;
}

const subjectsOf = ({ feature }: StateScope, held: HeldState): AuditSubject[] => [
  { type: "feature", id: String(feature.id) },
  ...(held.segment ? [{ type: "segment", id: String(held.segment.segment_id) }] : []),
];

/** Of an override that goes: what it takes to put the very same one back. */
const kept = ({ row, shares, segment }: HeldState) =>
  segment ? { kept: keepOverride({ tie: segment, state: row, shares }) } : {};

export function stateEntry(
  scope: StateScope,
  [before, after]: readonly [HeldState | null, HeldState | null],
): AuditEntry {
  const held = (after ?? before) as HeldState;
  const action = before && after ? "UPDATE" : after ? "CREATE" : "DELETE";
  const { feature, segmentName } = scope;
  const where = segmentName === undefined ? "" : ` and segment '${segmentName}'`;
  const done = { CREATE: "created", UPDATE: "updated", DELETE: "deleted" }[action];
  const what = segmentName === undefined ? "Flag state" : "Segment override";
  return {
    action,
    objectType: "feature_state",
    objectId: String(held.row.id),
    organisationId: scope.project.organisation_id,
    projectId: scope.project.id,
    environmentId: scope.environment.id,
    subjects: subjectsOf(scope, held),
    log: `${what} ${done} for feature '${feature.name}'${where}`,
    before: before && { ...auditedState(before.row, before.shares, before.segment), ...(after ? {} : kept(before)) },
    after: after && auditedState(after.row, after.shares, after.segment),
  };
}
