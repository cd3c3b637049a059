/** Features of a project: lists, settings, and their end. */

import { drf } from "@burgee/contract";
import {
  type FeatureQuery,
  featureInput,
  featurePatch,
  featureQuery,
  featureSchema,
  pageSchema,
  rowId,
  uuidParams,
} from "@burgee/contract/admin";
import type { ProjectScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { describeFeatures, filterOf, lifecycleOf } from "./describe-features.ts";
import { changeFeature, createFeature, type FeatureDeps } from "./feature-changes.ts";
import { matchFeatures, readFeatures } from "./feature-list.store.ts";
import { removeFeature } from "./feature-removal.ts";
import { type FeatureRow, findByUuid, findFeature } from "./features.store.ts";
import type { Lifecycle } from "./lifecycle.ts";

const LIST = "/api/v1/projects/{project}/features/";
const ONE = "/api/v1/projects/{project}/features/{id}/";
const tag = "features";
const listParams = drf.object({ project: rowId() });
const params = drf.object({ project: rowId(), id: rowId() });

/** As many as a project may have, unless a page is asked for. */
const PAGE_SIZE = 999;

export function mountFeatures(api: AdminApi, deps: FeatureDeps): void {
  const { db } = deps;

  const describeOne = async ({ project }: ProjectScope, row: FeatureRow, environmentId?: number) =>
    (await describeFeatures(deps, project, [row], { environmentId }))[0];

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Features of a project; with an environment, what they are there",
      tag,
      params: listParams,
      query: featureQuery,
      responses: { 200: pageSchema(featureSchema) },
    },
    async ({ access, params: { project: id }, query, request }) => {
      const { project } = await access.project(id, "VIEW");
      const filter = await filterOf(deps, access, project, query);
      const page = pageOf(query, PAGE_SIZE);
      const ids = await inStage(await matchFeatures(db.kysely, filter), query, () =>
        lifecycleOf(deps, project, filter),
      );
      const rows = await readFeatures(db.kysely, ids.slice(page.offset, page.offset + page.limit));
      return answerPage(request, page, ids.length, await describeFeatures(deps, project, rows, filter));
    },
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/features/get-by-uuid/{uuid}/",
      summary: "One feature by its uuid",
      tag,
      params: uuidParams,
      responses: { 200: featureSchema },
    },
    async ({ access, params: { uuid } }) => {
      const row = await findByUuid(db.kysely, uuid.toLowerCase());
      const scope = await access.project(row?.project_id ?? 0, "VIEW");
      return row && describeOne(scope, row);
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One feature", tag, params, responses: { 200: featureSchema } },
    async ({ access, params: { project, id } }) => {
      const scope = await access.project(project, "VIEW");
      const row = await findFeature(db.kysely, project, id);
      if (!row) throw new AppError("not_found");
      return describeOne(scope, row);
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create a feature, with a state in every environment",
      tag,
      params: listParams,
      body: featureInput,
      responses: { 201: featureSchema },
    },
    async ({ access, params: { project }, body, audited }) => {
      const scope = await access.project(project, "CREATE_FEATURE");
      return created(await describeOne(scope, await createFeature(deps, { access, audited }, scope, body)));
    },
  );

  for (const method of ["put", "patch"] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a feature's settings; what is left out stays, its name and initial value always do",
        tag,
        params,
        body: featurePatch,
        responses: { 200: featureSchema },
      },
      async ({ access, params: { project, id }, body, audited }) => {
        const scope = await access.project(project, "CREATE_FEATURE");
        return describeOne(scope, await changeFeature(deps, { access, audited }, scope, id, body));
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete a feature with its states, overrides and variants",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { project, id }, audited }) => {
      const scope = await access.project(project, "DELETE_FEATURE");
      await removeFeature(deps, audited, scope, id);
      return noContent();
    },
  );
}

async function inStage(
  ids: readonly number[],
  { lifecycle_stage: wanted }: FeatureQuery,
  lifecycle: () => Promise<Lifecycle>,
): Promise<readonly number[]> {
  if (wanted === undefined) return ids;
  const { stage } = await lifecycle();
  return ids.filter((id) => stage(id) === wanted);
}
