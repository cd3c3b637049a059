/** What the audit log keeps of a tie between a feature and a segment. */
import type { EnvironmentScope } from "../../access/access.ts";
import type { AuditEntry } from "../../changes/commit.ts";
import type { KeptOverride } from "../../db/kept-overrides.ts";
import type { NamedFeatureSegment } from "./feature-segments.store.ts";
import { presentCreatedFeatureSegment } from "./present-state.ts";

/** `kept`: of one that goes, what it takes to put it back. */
export const tieEntry = (
  { project, environment }: EnvironmentScope,
  [before, after]: readonly [NamedFeatureSegment | null, NamedFeatureSegment | null],
  kept?: KeptOverride,
): AuditEntry => {
  const row = (after ?? before) as NamedFeatureSegment;
  const action = before && after ? "UPDATE" : after ? "CREATE" : "DELETE";
  const done = { CREATE: "added to", UPDATE: "moved for", DELETE: "removed from" }[action];
  return {
    action,
    objectType: "feature_segment",
    objectId: String(row.id),
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: environment.id,
    subjects: [
      { type: "feature", id: String(row.feature_id) },
      { type: "segment", id: String(row.segment_id) },
    ],
    log: `Segment '${row.segment_name}' ${done} feature ${row.feature_id}`,
    before: before && { ...presentCreatedFeatureSegment(before), ...(kept ? { kept } : {}) },
    after: after && presentCreatedFeatureSegment(after),
  };
};
