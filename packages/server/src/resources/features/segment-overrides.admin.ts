/** A segment override in one call: the tie, its place and its state. */

import { drf } from "@burgee/contract";
import {
  readTypedValue,
  rowId,
  type SegmentOverrideInput,
  segmentOverrideInput,
  segmentOverrideSchema,
} from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import type { RequestInfo } from "../../changes/commit.ts";
import { lockEnvironment } from "../../db/lock-rows.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, created } from "../../http/admin-door.ts";
import { refuseDirectWrite } from "./direct-writes.ts";
import { findFeature } from "./features.store.ts";
import { listOptions } from "./options.store.ts";
import { presentSegmentOverride } from "./present-state.ts";
import { addOverrideState, refuseMoreOverrides, segmentFor, tieSegment } from "./segment-overrides.ts";
import { readShares, type StateDeps, stateEntry } from "./state-changes.ts";

export function mountSegmentOverrides(api: AdminApi, deps: StateDeps): void {
  api.route(
    {
      method: "post",
      path: "/api/v1/environments/{key}/features/{feature}/create-segment-override/",
      summary: "Override a feature for a segment",
      tag: "segment overrides",
      params: drf.object({ key: drf.string(), feature: rowId() }),
      body: segmentOverrideInput,
      responses: { 201: segmentOverrideSchema },
    },
    async ({ access, params: { key, feature }, body, audited }) => {
      const scope = await access.environment(key, "MANAGE_SEGMENT_OVERRIDES");
      refuseDirectWrite(scope);
      const { held, tie } = await createOverride(deps, audited, scope, feature, body);
      return created(presentSegmentOverride(held.row, held.shares, tie));
    },
  );
}

const createOverride = (
  { db, changes, now }: StateDeps,
  audited: RequestInfo,
  scope: EnvironmentScope,
  featureId: number,
  body: SegmentOverrideInput,
) =>
  changes.commit(audited, async (trx) => {
    await lockEnvironment(db, trx, scope.environment.id);
    const feature = await findFeature(trx, scope.project.id, featureId);
    if (!feature) throw new AppError("not_found");
    const { segment: segmentId, priority } = body.feature_segment;
    const segment = await segmentFor(trx, scope, feature, segmentId);
    await refuseMoreOverrides(trx, scope);
    const shares = readShares(body.multivariate_feature_state_values, await listOptions(trx, feature.id));
    const tie = await tieSegment(trx, scope, feature, segmentId, priority);
    const change = { enabled: body.enabled, value: readTypedValue(body.feature_state_value), shares };
    const held = await addOverrideState(trx, tie, change, now());
    const entries = [stateEntry({ ...scope, feature, segmentName: segment.name }, [null, held])];
    return { result: { held, tie }, entries, environments: [scope.environment.id] };
  });
