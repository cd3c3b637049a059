/** Variants of a feature, one by one. Only the project's administrators change them. */

import { drf } from "@burgee/contract";
import {
  type OptionInput,
  optionInput,
  optionSchema,
  pageFields,
  pageSchema,
  rowId,
  uuidParams,
} from "@burgee/contract/admin";
import { differing, isEmpty } from "../../db/differing.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, created, noContent } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import type { FeatureDeps } from "./feature-changes.ts";
import { type FeatureRow, findFeature } from "./features.store.ts";
import { takeOption } from "./kept-options.ts";
import { changeOptions } from "./option-changes.ts";
import { findOptionByUuid, listOptions } from "./options.store.ts";
import { presentOption } from "./present-feature.ts";
import { addVariant, changeVariant, optionFault, optionValues } from "./variants.ts";

const LIST = "/api/v1/projects/{project}/features/{feature}/mv-options/";
const ONE = "/api/v1/projects/{project}/features/{feature}/mv-options/{id}/";
const tag = "variants";
const listParams = drf.object({ project: rowId(), feature: rowId() });
const params = drf.object({ project: rowId(), feature: rowId(), id: rowId() });

const notFound = () => new AppError("not_found");

interface FeaturePlace {
  readonly project: number;
  readonly feature: number;
}

export function mountMultivariateOptions(api: AdminApi, deps: FeatureDeps): void {
  const { db } = deps;

  const featureOf = async ({ project, feature }: FeaturePlace): Promise<FeatureRow> => {
    const row = await findFeature(db.kysely, project, feature);
    if (!row) throw notFound();
    return row;
  };

  api.route(
    {
      method: "get",
      path: LIST,
      summary: "Variants of a feature",
      tag,
      params: listParams,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(optionSchema) },
    },
    async ({ access, params: place, query, request }) => {
      await access.project(place.project, "VIEW");
      const options = await listOptions(db.kysely, (await featureOf(place)).id);
      const page = pageOf(query);
      const shown = options.slice(page.offset, page.offset + page.limit);
      return answerPage(request, page, options.length, shown.map(presentOption));
    },
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/multivariate/options/get-by-uuid/{uuid}/",
      summary: "One variant by its uuid",
      tag,
      params: uuidParams,
      responses: { 200: optionSchema },
    },
    async ({ access, params: { uuid } }) => {
      const found = await findOptionByUuid(db.kysely, uuid.toLowerCase());
      await access.project(found?.project_id ?? 0, "VIEW");
      return found && presentOption(found);
    },
  );

  api.route(
    { method: "get", path: ONE, summary: "One variant", tag, params, responses: { 200: optionSchema } },
    async ({ access, params: { id, ...place } }) => {
      await access.project(place.project, "VIEW");
      const options = await listOptions(db.kysely, (await featureOf(place)).id);
      const found = options.find((option) => option.id === id);
      if (!found) throw notFound();
      return presentOption(found);
    },
  );

  mountWrites(api, deps);
}

function mountWrites(api: AdminApi, deps: FeatureDeps): void {
  api.route(
    {
      method: "post",
      path: LIST,
      summary: "Add a variant; environments give it its default share, overrides nothing",
      tag,
      params: listParams,
      body: optionInput,
      responses: { 201: optionSchema },
    },
    async ({ access, params: place, body, audited }) => {
      const scope = await access.project(place.project, "ADMIN");
      refuseOtherFeature(body, place);
      const row = await changeOptions(deps, audited, scope, place.feature, async (trx, options) => {
        const values = optionValues(body);
        refuseFault(optionFault([...options, values]));
        return [null, await addVariant(trx, place.feature, values)];
      });
      return created(row && presentOption(row));
    },
  );

  for (const method of ["put", "patch"] as const) {
    api.route(
      {
        method,
        path: ONE,
        summary: "Change a variant; what is left out stays, and so do the shares that states give it",
        tag,
        params,
        body: optionInput,
        responses: { 200: optionSchema },
      },
      async ({ access, params: { id, ...place }, body, audited }) => {
        const scope = await access.project(place.project, "ADMIN");
        refuseOtherFeature(body, place);
        const row = await changeOptions(deps, audited, scope, place.feature, async (trx, options) => {
          const before = options.find((option) => option.id === id);
          if (!before) throw notFound();
          const values = optionValues(body, before);
          const siblings = options.filter((option) => option.id !== id);
          if (isEmpty(differing(before, values))) return [before, before];
          refuseFault(optionFault([...siblings, values]));
          return [before, await changeVariant(trx, before, values)];
        });
        return row && presentOption(row);
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: ONE,
      summary: "Delete a variant from every state",
      tag,
      params,
      responses: { 204: null },
    },
    async ({ access, params: { id, ...place }, audited }) => {
      const scope = await access.project(place.project, "ADMIN");
      await changeOptions(deps, audited, scope, place.feature, async (trx, options) => {
        const before = options.find((option) => option.id === id);
        if (!before) throw notFound();
        return [before, null, await takeOption(trx, before)];
      });
      return noContent();
    },
  );
}

function refuseOtherFeature({ feature }: OptionInput, place: FeaturePlace): void {
  if (feature !== undefined && feature !== place.feature) {
    throw badRequest({ feature: ["It is not the feature of the path."] });
  }
}

function refuseFault(fault: ReturnType<typeof optionFault>): void {
  if (fault) throw badRequest({ [fault.field]: [fault.message] });
}
