/** Segments of a project: lists, rules, clones, and their end. */

import { drf } from "@burgee/contract";
import {
  associatedFeatureSchema,
  associatedFeaturesQuery,
  pageSchema,
  rowId,
  segmentCloneInput,
  segmentInput,
  segmentPatch,
  segmentQuery,
  segmentSchema,
  uuidParams,
} from "@burgee/contract/admin";
import { AppError } from "../../errors.ts";
import { type AdminApi, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { type MatchDeps, segmentsOfIdentity } from "./matching-segments.ts";
import {
  changeSegment,
  cloneSegment,
  createSegment,
  presentSegment,
  removeSegment,
  type SegmentDeps,
} from "./segment-changes.ts";
import { findByUuid, findSegment, listAssociated, listSegments } from "./segments.store.ts";

const LIST = "/api/v1/projects/{project}/segments/";
const ONE = "/api/v1/projects/{project}/segments/{id}/";
const tag = "segments";
const listParams = drf.object({ project: rowId() });
const params = drf.object({ project: rowId(), id: rowId() });

/** As many as a project may have, unless a page is asked for. */
const PAGE_SIZE = 999;

const notFound = () => new AppError("not_found");

export function mountSegments(api: AdminApi, deps: SegmentDeps & MatchDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Segments of a project; with an identity, those it is in",
      tag,
      params: listParams,
      query: segmentQuery,
      responses: { 200: pageSchema(segmentSchema) },
    },
    async ({ access, params: { project }, query, request }) => {
      await access.project(project, "VIEW");
      const page = pageOf(query, PAGE_SIZE);
      const filter = {
        projectId: project,
        search: query.q,
        featureSpecific: query.include_feature_specific ?? true,
        ids: query.identity ? await segmentsOfIdentity(deps, access, project, query.identity) : undefined,
      };
      const { count, rows } = await listSegments(db.kysely, filter, page.offset, page.limit);
      return answerPage(request, page, count, rows.map(presentSegment));
    },
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/segments/get-by-uuid/{uuid}/",
      summary: "One segment by its uuid",
      tag,
      params: uuidParams,
      responses: { 200: segmentSchema },
    },
    async ({ access, params: { uuid } }) => {
      const row = await findByUuid(db.kysely, uuid.toLowerCase());
      await access.project(row?.project_id ?? 0, "VIEW");
      return row && presentSegment(row);
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One segment", tag, params, responses: { 200: segmentSchema } },
    async ({ access, params: { project, id } }) => {
      await access.project(project, "VIEW");
      const row = await findSegment(db.kysely, project, id);
      if (!row) throw notFound();
      return presentSegment(row);
    },
  );

  api.route(
    {
      method: "get",
      path: `${ONE}associated-features/`,
      summary: "States that exist because of this segment, in the environments that the caller sees",
      tag,
      params,
      query: associatedFeaturesQuery,
      responses: { 200: pageSchema(associatedFeatureSchema) },
    },
    async ({ access, params: { project, id }, query, request }) => {
      const scope = await access.project(project, "VIEW");
      if (!(await findSegment(db.kysely, project, id))) throw notFound();
      const seen =
        query.environment === undefined
          ? await access.visibleEnvironments(scope.project)
          : [(await access.environment(query.environment, "VIEW")).environment];
      const page = pageOf(query);
      const ids = seen.map((environment) => environment.id);
      const { count, rows } = await listAssociated(db.kysely, id, ids, page.offset, page.limit);
      const shown = rows.map((row) => ({ id: row.id, feature: row.feature_id, environment: row.environment_id }));
      return answerPage(request, page, count, shown);
    },
  );

  mountWrites(api, deps);
}

function mountWrites(api: AdminApi, deps: SegmentDeps): void {
  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create a segment",
      tag,
      params: listParams,
      body: segmentInput,
      responses: { 201: segmentSchema },
    },
    async ({ access, params: { project }, body, audited }) => {
      const scope = await access.project(project, "MANAGE_SEGMENTS");
      return created(presentSegment(await createSegment(deps, audited, scope, body)));
    },
  );

  api.route(
    {
      method: "post",
      path: `${ONE}clone/`,
      summary: "A segment with the same rules and another name",
      tag,
      params,
      body: segmentCloneInput,
      responses: { 201: segmentSchema },
    },
    async ({ access, params: { project, id }, body, audited }) => {
      const scope = await access.project(project, "MANAGE_SEGMENTS");
      return created(presentSegment(await cloneSegment(deps, audited, scope, { id, name: body.name })));
    },
  );

  for (const [method, body] of [
    ["put", segmentInput],
    ["patch", segmentPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a segment; rules that are given replace all there were",
        tag,
        params,
        body,
        responses: { 200: segmentSchema },
      },
      async ({ access, params: { project, id }, body: wanted, audited }) => {
        const scope = await access.project(project, "MANAGE_SEGMENTS");
        return presentSegment(await changeSegment(deps, audited, scope, id, wanted));
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete a segment with its overrides",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { project, id }, audited }) => {
      const scope = await access.project(project, "MANAGE_SEGMENTS");
      await removeSegment(deps, audited, scope, id);
      return noContent();
    },
  );
}
