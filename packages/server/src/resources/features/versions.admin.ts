/** Versions of features, for clients that look for them: here every change is live at once, so there are none. */
import { drf } from "@burgee/contract";
import { pageFields, pageSchema, rowId, versionSchema } from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import type { FeatureDeps } from "./feature-changes.ts";
import { findFeature } from "./features.store.ts";

const LIST = "/api/v1/environments/{environment}/features/{feature}/versions/";
const tag = "flags";
const params = drf.object({ environment: rowId(), feature: rowId() });

export function mountVersions(api: AdminApi, { db }: FeatureDeps): void {
  const assertFeature = async (access: Access, place: { environment: number; feature: number }, need: string) => {
    const { project } = await access.environment(place.environment, need);
    if (!(await findFeature(db.kysely, project.id, place.feature))) throw new AppError("not_found");
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "None: environments are not versioned here; the audit log has the history",
      tag,
      params,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(versionSchema) },
    },
    async ({ access, params: place, query, request }) => {
      await assertFeature(access, place, "VIEW");
      return answerPage(request, pageOf(query), 0, []);
    },
  );

  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Refused: flags are changed directly here",
      tag,
      params,
      body: drf.object({}),
      responses: { 201: versionSchema },
    },
    async ({ access, params: place }) => {
      await assertFeature(access, place, "UPDATE_FEATURE_STATE");
      throw badRequest({ detail: "This environment does not use v2 feature versioning: change the flag directly." });
    },
  );
}
