/** What is done to segments, each as one commit. */

import { noSuchRow, presentRules, type SegmentPatch, type StoredRule, storeRules } from "@burgee/contract/admin";
import type { ProjectScope } from "../../access/access.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, isEmpty } from "../../db/differing.ts";
import { keepOverridesOf } from "../../db/kept-overrides.ts";
import { lockProject } from "../../db/lock-rows.ts";
import { isoMicros } from "../../documents/load.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import {
  countOverridesOf,
  countSegments,
  type Database,
  deleteSegment,
  findFeature,
  findSegment,
  insertSegment,
  overridesOthers,
  priorityGaps,
  type SegmentColumns,
  type SegmentRow,
  updateSegment,
} from "./segments.store.ts";

export interface SegmentDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const notFound = () => new AppError("not_found");

/** For the audit log: what it takes to put the very same segment back. */
export const auditedSegment = (row: SegmentRow) => ({
  id: row.id,
  uuid: row.uuid,
  project: row.project_id,
  name: row.name,
  description: row.description,
  feature: row.feature_id,
  rules: presentRules(JSON.parse(row.rules) as StoredRule[]),
});

export const presentSegment = (row: SegmentRow) => ({
  ...auditedSegment(row),
  version_of: row.id,
  managed_by: "",
  membership_counts: [],
  metadata: [],
  created_at: isoMicros(row.created_at, "Z"),
  updated_at: isoMicros(row.updated_at, "Z"),
});

type ProjectRow = ProjectScope["project"];

export const segmentEntry = (
  project: ProjectRow,
  [before, after]: readonly [SegmentRow | null, SegmentRow | null],
): AuditEntry => {
  const row = (after ?? before) as SegmentRow;
  const action = before && after ? "UPDATE" : after ? "CREATE" : "DELETE";
  const done = { CREATE: "created", UPDATE: "updated", DELETE: "deleted" }[action];
  return {
    action,
    objectType: "segment",
    objectId: String(row.id),
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: null,
    ...(row.feature_id === null ? {} : { subjects: [{ type: "feature", id: String(row.feature_id) }] }),
    log: `Segment ${done}: ${row.name}`,
    before: before && auditedSegment(before),
    after: after && auditedSegment(after),
  };
};

const columnsOf = (body: SegmentPatch) => ({
  name: body.name,
  description: body.description,
  feature_id: body.feature === 0 ? null : body.feature,
  rules: body.rules && JSON.stringify(storeRules(body.rules)),
});

async function refuseFeature(trx: Database, projectId: number, featureId: number | null | undefined): Promise<void> {
  if (typeof featureId !== "number" || (await findFeature(trx, projectId, featureId))) return;
  throw badRequest({ feature: [noSuchRow(featureId)] });
}

export async function refuseMore(trx: Database, project: ProjectRow): Promise<void> {
  if ((await countSegments(trx, project.id)) < project.max_segments_allowed) return;
  throw badRequest({ project: ["The project has reached the maximum allowed segments limit."] });
}

export const createSegment = (
  { db, changes, now }: SegmentDeps,
  audited: RequestInfo,
  { project: { id } }: ProjectScope,
  body: SegmentPatch & { readonly name: string },
): Promise<SegmentRow> =>
  changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, id);
    if (!project) throw notFound();
    await refuseMore(trx, project);
    const columns = {
      description: null,
      feature_id: null,
      rules: "[]",
      ...differing<SegmentColumns>({}, columnsOf(body)),
    };
    await refuseFeature(trx, id, columns.feature_id);
    const row = await insertSegment(trx, id, { ...columns, name: body.name }, now());
    return { result: row, entries: [segmentEntry(project, [null, row])], projects: [id] };
  });

/** The same rules for the same feature, under another name; what it overrides is not copied. */
export const cloneSegment = (
  { db, changes, now }: SegmentDeps,
  audited: RequestInfo,
  scope: ProjectScope,
  { id, name }: { readonly id: number; readonly name: string },
): Promise<SegmentRow> =>
  changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    const source = project && (await findSegment(trx, project.id, id));
    if (!source) throw notFound();
    await refuseMore(trx, project);
    const { description, feature_id, rules } = source;
    const row = await insertSegment(trx, project.id, { name, description, feature_id, rules }, now());
    return { result: row, entries: [segmentEntry(project, [null, row])], projects: [project.id] };
  });

export const changeSegment = (
  { db, changes, now }: SegmentDeps,
  audited: RequestInfo,
  scope: ProjectScope,
  id: number,
  body: SegmentPatch,
): Promise<SegmentRow> =>
  changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    const before = project && (await findSegment(trx, project.id, id));
    if (!before) throw notFound();
    const columns = differing<SegmentColumns>(before, columnsOf(body));
    if (isEmpty(columns)) return { result: before, entries: [] };
    await refuseFeature(trx, project.id, columns.feature_id);
    if (typeof columns.feature_id === "number" && (await overridesOthers(trx, id, columns.feature_id))) {
      throw badRequest({ feature: ["The segment overrides other features."] });
    }
    const after = await updateSegment(trx, before, columns, now());
    return { result: after, entries: [segmentEntry(project, [before, after])], projects: [project.id] };
  });

/** Overrides that an audit entry holds, so that undoing brings them back; with more, a deletion is for good. */
const MAX_KEPT = 1000;

export const removeSegment = (
  { db, changes }: SegmentDeps,
  audited: RequestInfo,
  scope: ProjectScope,
  id: number,
): Promise<void> =>
  changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    const row = project && (await findSegment(trx, project.id, id));
    if (!row) throw notFound();
    const overrides = await countOverridesOf(trx, id);
    const kept = overrides <= MAX_KEPT ? await keepOverridesOf(trx, id, MAX_KEPT) : [];
    const before = { ...auditedSegment(row), overrides, kept };
    await priorityGaps(trx, id);
    await deleteSegment(trx, id);
    const entry = { ...segmentEntry(project, [row, null]), before };
    return { result: undefined, entries: [entry], projects: [project.id] };
  });
