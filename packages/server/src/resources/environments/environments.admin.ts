/** Environments: settings, clones, how much they hold, and their end. */

import { drf } from "@burgee/contract";
import {
  environmentCloneInput,
  environmentCloneSchema,
  environmentDetailSchema,
  environmentInput,
  environmentMetricsSchema,
  environmentPatch,
  environmentSchema,
  environmentUpdate,
  noSuchRow,
  pageFields,
  pageSchema,
  rowId,
  uuidParams,
} from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, answer, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import {
  cloneEnvironment,
  createEnvironment,
  type EnvironmentDeps,
  removeEnvironment,
  updateSettings,
} from "./environment-changes.ts";
import { countSegmentOverrides, countStates, findByUuid } from "./environments.store.ts";
import { presentClone, presentEnvironment, presentEnvironmentDetail, presentMetrics } from "./present-environment.ts";

const LIST = "/api/v1/environments/";
const ONE = "/api/v1/environments/{key}/";
const tag = "environments";
const params = drf.object({ key: drf.string() });

const PROJECT_MISSING = "Invalid or missing value for project parameter.";

/** The project comes in a body or a query: one that the caller may not see is as good as none. */
async function projectNamed(access: Access, id: number, need: string, refusal: unknown) {
  const found = await access.project(id, "VIEW").catch((error: unknown) => {
    throw error instanceof AppError && error.code === "not_found" ? badRequest(refusal) : error;
  });
  return need === "VIEW" ? found.project : (await access.project(id, need)).project;
}

export function mountEnvironments(api: AdminApi, deps: EnvironmentDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Environments of a project that the caller may see",
      tag,
      query: drf.object({ ...pageFields, project: rowId().optional() }),
      responses: { 200: pageSchema(environmentSchema) },
    },
    async ({ access, query, request }) => {
      const project = await projectNamed(access, query.project ?? 0, "VIEW", [PROJECT_MISSING]);
      const page = pageOf(query);
      const rows = await access.visibleEnvironments(project);
      const shown = rows.slice(page.offset, page.offset + page.limit);
      return answerPage(request, page, rows.length, shown.map(presentEnvironment));
    },
  );

  const detail = async ({ environment }: EnvironmentScope) =>
    presentEnvironmentDetail(environment, await countSegmentOverrides(db.kysely, environment.id));

  api.route(
    {
      method: "get",
      path: `${LIST}get-by-uuid/{uuid}/`,
      summary: "One environment by its uuid",
      tag,
      params: uuidParams,
      responses: { 200: environmentDetailSchema },
    },
    async ({ access, params: { uuid } }) => {
      const found = await findByUuid(db.kysely, uuid.toLowerCase());
      return detail(await access.environment(found?.id ?? 0, "VIEW"));
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One environment", tag, params, responses: { 200: environmentDetailSchema } },
    async ({ access, params: { key } }) => detail(await access.environment(key, "VIEW")),
  );

  api.route(
    {
      method: "get",
      path: `${ONE}metrics/`,
      summary: "How many features and overrides an environment has",
      tag,
      params,
      responses: { 200: environmentMetricsSchema },
    },
    async ({ access, params: { key } }) => {
      const { environment } = await access.environment(key, "VIEW");
      return presentMetrics(await countStates(db.kysely, environment.id));
    },
  );

  mountWrites(api, deps);
  mountVersioning(api);
}

function mountWrites(api: AdminApi, deps: EnvironmentDeps): void {
  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Create an environment with the default state of every feature",
      tag,
      body: environmentInput,
      responses: { 201: environmentSchema },
    },
    async ({ access, body, audited }) => {
      const refusal = { project: [noSuchRow(body.project)] };
      const project = await projectNamed(access, body.project, "CREATE_ENVIRONMENT", refusal);
      return created(presentEnvironment(await createEnvironment(deps, { access, audited }, project, body)));
    },
  );

  api.route(
    {
      method: "post",
      path: `${ONE}clone/`,
      summary: "A new environment with the states and segment overrides of this one, without identities and keys",
      tag,
      params,
      body: environmentCloneInput,
      responses: { 200: environmentCloneSchema },
    },
    async ({ access, params: { key }, body, audited }) => {
      const scope = await access.environment(key, "VIEW");
      await access.project(scope.project.id, "CREATE_ENVIRONMENT");
      return presentClone(await cloneEnvironment(deps, { access, audited }, scope, body.name));
    },
  );

  for (const [method, body] of [
    ["put", environmentUpdate],
    ["patch", environmentPatch],
  ] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change an environment's settings; what is left out stays",
        tag,
        params,
        body,
        responses: { 200: environmentSchema },
      },
      async ({ access, params: { key }, body: wanted, audited }) => {
        const scope = await access.environment(key, "ADMIN");
        return presentEnvironment(await updateSettings(deps, { access, audited }, scope, wanted));
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete an environment with its states, identities and keys",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { key }, audited }) => {
      await removeEnvironment(deps, { access, audited }, await access.environment(key, "ADMIN"));
      return noContent();
    },
  );
}

/**
 * Flagsmith's drafts of a flag do not exist here: every change is live at once and kept in the audit log. Nothing is switched,
 * and `use_v2_feature_versioning` says so before and after.
 */
function mountVersioning(api: AdminApi): void {
  for (const action of ["enable", "disable"]) {
    api.route(
      {
        method: "post",
        path: `${ONE}${action}-v2-versioning/`,
        summary: "Changes nothing: every change is live at once, with its history in the audit log",
        tag,
        params,
        responses: { 202: null },
      },
      async ({ access, params: { key } }) => {
        await access.environment(key, "ADMIN");
        return answer(202);
      },
    );
  }
}
