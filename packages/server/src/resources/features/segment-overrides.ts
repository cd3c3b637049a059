/** How a segment comes to override a feature: the row that ties them, its place in the order, and its state. */

import { noSuchRow } from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import { insertStates } from "../../db/default-states.ts";
import { badRequest } from "../../http/admin-door.ts";
import type { FeatureSegmentRow } from "./feature-segments.store.ts";
import {
  countOverrides,
  findSegment,
  insertFeatureSegment,
  listFeatureSegments,
  setPriority,
} from "./feature-segments.store.ts";
import type { Database, FeatureRow } from "./features.store.ts";
import { listOptions } from "./options.store.ts";
import { movePriorities, nextPriority, type Ordered } from "./priorities.ts";
import { type HeldState, holdState, type StateChange } from "./state-changes.ts";
import { findState, type StateRow } from "./states.store.ts";

type Trx = Parameters<typeof insertStates>[0];

export const limitReached = () =>
  badRequest({ environment: ["The environment has reached the maximum allowed segments overrides limit."] });

export async function refuseMoreOverrides(db: Database, { project, environment }: EnvironmentScope): Promise<void> {
  if ((await countOverrides(db, environment.id)) >= project.max_segment_overrides_allowed) throw limitReached();
}

/** The segment has to be the project's, and either everybody's or this feature's own. */
export async function segmentFor(db: Database, { project }: EnvironmentScope, feature: FeatureRow, segmentId: number) {
  const segment = await findSegment(db, project.id, segmentId);
  if (!segment) throw badRequest({ segment: [noSuchRow(segmentId)] });
  if (segment.feature_id !== null && segment.feature_id !== feature.id) {
    const message = `Can only create segment override(using this segment) for feature ${segment.feature_id}`;
    throw badRequest({ feature: [message] });
  }
  return segment;
}

export async function writePriorities(db: Database, changed: readonly Ordered[]): Promise<void> {
  for (const { id, priority } of changed) await setPriority(db, id, priority);
}

/** Last in the order, or at the place given, with the others making room. */
export async function tieSegment(
  db: Database,
  { environment }: EnvironmentScope,
  feature: FeatureRow,
  segmentId: number,
  priority?: number | null,
): Promise<FeatureSegmentRow> {
  const rows = await listFeatureSegments(db, environment.id, feature.id);
  if (rows.some((row) => row.segment_id === segmentId)) {
    throw badRequest({ non_field_errors: ["The fields feature, environment, segment must make a unique set."] });
  }
  const last = nextPriority(rows);
  const made = await insertFeatureSegment(db, {
    feature_id: feature.id,
    segment_id: segmentId,
    environment_id: environment.id,
    priority: last,
  });
  if (priority === undefined || priority === null || priority === last) return made;
  await writePriorities(db, movePriorities([...rows, made], [{ id: made.id, priority }]));
  return { ...made, priority };
}

/** Off, empty and without variants, unless the change says otherwise. Every variant gets its row. */
export async function addOverrideState(
  trx: Trx,
  segment: FeatureSegmentRow,
  { enabled = false, value = null, shares }: StateChange,
  now: number,
): Promise<HeldState> {
  const options = await listOptions(trx, segment.feature_id);
  const state = {
    featureId: segment.feature_id,
    environmentId: segment.environment_id,
    featureSegmentId: segment.id,
    enabled,
    value: JSON.stringify(value),
    variants: options.map((option) => ({ optionId: option.id, percentage: shares?.get(option.id) ?? 0 })),
  };
  const [id = 0] = await insertStates(trx, [state], now);
  return holdState(trx, (await findState(trx, id)) as StateRow, segment);
}
