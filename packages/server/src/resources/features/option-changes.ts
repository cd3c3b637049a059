/** What is done to single variants, each as one commit. */
import type { Transaction } from "kysely";
import type { ProjectScope } from "../../access/access.ts";
import type { AuditEntry, RequestInfo } from "../../changes/commit.ts";
import { lockProject } from "../../db/lock-rows.ts";
import type { Tables } from "../../db/tables.ts";
import { AppError } from "../../errors.ts";
import type { FeatureDeps } from "./feature-changes.ts";
import { type FeatureRow, findFeature, type ProjectRow, updateFeature } from "./features.store.ts";
import type { KeptOption } from "./kept-options.ts";
import { listOptions, type OptionRow } from "./options.store.ts";
import { presentOption } from "./present-feature.ts";

type Trx = Transaction<Tables>;

/** With what was kept of one that went. */
export type OptionDone = readonly [before: OptionRow | null, after: OptionRow | null, kept?: KeptOption];

export const optionEntry = (
  project: ProjectRow,
  feature: FeatureRow,
  [before, after, kept]: OptionDone,
): AuditEntry => {
  const action = before && after ? "UPDATE" : after ? "CREATE" : "DELETE";
  const done = { CREATE: "added to", UPDATE: "changed for", DELETE: "removed from" }[action];
  return {
    action,
    objectType: "multivariate_option",
    objectId: String((after ?? before)?.id),
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: null,
    subjects: [{ type: "feature", id: String(feature.id) }],
    log: `Multivariate option ${done} feature '${feature.name}'.`,
    before: before && { ...presentOption(before), ...(kept ? { kept } : {}) },
    after: after && presentOption(after),
  };
};

/** A feature is MULTIVARIATE as long as it has variants. */
export async function setType(trx: Trx, feature: FeatureRow): Promise<void> {
  const hasVariants = (await listOptions(trx, feature.id)).length > 0;
  const type = hasVariants ? ("MULTIVARIATE" as const) : ("STANDARD" as const);
  if (type !== feature.type) await updateFeature(trx, feature.id, { type });
}

export const changeOptions = (
  { db, changes }: FeatureDeps,
  audited: RequestInfo,
  scope: ProjectScope,
  featureId: number,
  act: (trx: Trx, options: readonly OptionRow[]) => Promise<OptionDone>,
): Promise<OptionRow | null> =>
  changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    const feature = project && (await findFeature(trx, project.id, featureId));
    if (!feature) throw new AppError("not_found");
    const done = await act(trx, await listOptions(trx, featureId));
    const [before, after] = done;
    if (before === after) return { result: after, entries: [] };
    await setType(trx, feature);
    return { result: after, entries: [optionEntry(project, feature, done)], projects: [project.id] };
  });
