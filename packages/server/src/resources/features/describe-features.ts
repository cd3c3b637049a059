/** Everything that is shown about features, read for a page of them at once. */
import { type FeatureQuery, readIds } from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import type { Db } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { countByFeature, type FeatureFilter, findIdentifier, tagsByFeature } from "./feature-list.store.ts";
import type { FeatureRow, ProjectRow } from "./features.store.ts";
import { lastModified } from "./lifecycle.store.ts";
import { readLifecycle } from "./lifecycle.ts";
import { optionsOf } from "./options.store.ts";
import { groupOwnersOf, ownersOf } from "./owners.store.ts";
import { presentFeature } from "./present-feature.ts";
import { statesFor } from "./states.store.ts";

export interface DescribeDeps {
  readonly db: Db;
  readonly now: () => number;
}

/** Where features are looked at: an environment of the project, and a segment in it. */
export interface Place {
  readonly environmentId?: number | undefined;
  readonly segmentId?: number | undefined;
}

async function readThere({ db }: DescribeDeps, project: ProjectRow, ids: readonly number[], place: Place) {
  const { environmentId, segmentId } = place;
  if (environmentId === undefined) return undefined;
  const [states, segmentStates, segmentOverrides, identityOverrides, modified] = await Promise.all([
    statesFor(db.kysely, environmentId, ids, null),
    segmentId === undefined ? undefined : statesFor(db.kysely, environmentId, ids, segmentId),
    countByFeature(db.kysely, "feature_segments", environmentId, ids),
    countByFeature(db.kysely, "identity_overrides", environmentId, ids),
    lastModified(db.kysely, { projectId: project.id, environmentId, featureIds: ids }),
  ]);
  return (id: number) => ({
    state: states.get(id),
    segmentState: segmentStates?.get(id),
    segmentOverrides: segmentOverrides.get(id) ?? 0,
    identityOverrides: identityOverrides.get(id) ?? 0,
    modified: modified.get(id) ?? null,
  });
}

/** Of all the project's features unless some are named. */
export const lifecycleOf = (
  { db, now }: DescribeDeps,
  project: ProjectRow,
  { environmentId }: Place,
  featureIds?: readonly number[],
) =>
  readLifecycle(
    db.kysely,
    { projectId: project.id, staleDays: project.stale_flags_limit_days, environmentId, featureIds },
    now(),
  );

export async function describeFeatures(
  deps: DescribeDeps,
  project: ProjectRow,
  rows: readonly FeatureRow[],
  place: Place = {},
) {
  const db = deps.db.kysely;
  const ids = rows.map((row) => row.id);
  const [tags, options, owners, groups, there, lifecycle] = await Promise.all([
    tagsByFeature(db, ids),
    optionsOf(db, ids),
    ownersOf(db, ids),
    groupOwnersOf(db, ids),
    readThere(deps, project, ids, place),
    lifecycleOf(deps, project, place, ids),
  ]);
  return rows.map((row) =>
    presentFeature(row, {
      tags: tags.get(row.id) ?? [],
      options: options.get(row.id) ?? [],
      owners: owners.get(row.id) ?? [],
      groupOwners: groups.get(row.id) ?? [],
      stage: lifecycle.stage(row.id),
      modified: lifecycle.modified(row.id),
      ...(there ? { there: there(row.id) } : {}),
    }),
  );
}

const NEEDS_ENVIRONMENT = "Environment is required in order to filter by state search or by state enabled";

/** The environment of a query has to be one of the project's that the caller may see. */
async function environmentOf(access: Access, project: ProjectRow, id: number | undefined): Promise<number | undefined> {
  if (id === undefined) return undefined;
  const { environment } = await access.environment(id, "VIEW");
  if (environment.project_id !== project.id) throw new AppError("not_found");
  return environment.id;
}

async function firstOf({ db }: DescribeDeps, environmentId: number | undefined, identity = "") {
  if (environmentId === undefined || !/^\d{1,15}$/.test(identity)) return undefined;
  const found = await findIdentifier(db.kysely, environmentId, Number(identity));
  return found && { environmentId, identifier: found.identifier };
}

export async function filterOf(
  deps: DescribeDeps,
  access: Access,
  project: ProjectRow,
  query: FeatureQuery,
): Promise<FeatureFilter & Place> {
  const environmentId = await environmentOf(access, project, query.environment);
  const isEnabled = query.is_enabled ?? null;
  const value = query.value_search ?? "";
  const isByState = isEnabled !== null || value !== "";
  if (isByState && environmentId === undefined) throw badRequest([NEEDS_ENVIRONMENT]);
  return {
    projectId: project.id,
    search: query.search,
    type: query.type,
    isArchived: query.is_archived,
    tags: query.tags === undefined ? undefined : readIds(query.tags),
    anyTag: query.tag_strategy === "UNION",
    owners: readIds(query.owners ?? ""),
    groupOwners: readIds(query.group_owners ?? ""),
    state: isByState && environmentId !== undefined ? { environmentId, isEnabled, value } : undefined,
    first: await firstOf(deps, environmentId, query.identity),
    sortBy: query.sort_field === "name" ? "name" : "created_at",
    descending: query.sort_direction === "DESC",
    environmentId,
    segmentId: query.segment,
  };
}
