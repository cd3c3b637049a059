/** What the catalogue of traits asks. */
import type { cataloguePage, dryRunSchema, jobSchema, traitValuesSchema } from "@burgee/contract/admin";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";

export type CataloguePage = z.infer<typeof cataloguePage>;
export type CatalogueTrait = CataloguePage["results"][number];
export type TraitJob = z.infer<typeof jobSchema>;
export type TraitDryRun = z.infer<typeof dryRunSchema>;
type TraitValues = z.infer<typeof traitValuesSchema>;

export const catalogueKey = (environmentKey: string) => [...queryKeys.environment(environmentKey), "traits"] as const;

export const cataloguePageQuery = (environmentKey: string, q: string | undefined, cursor: string | undefined) =>
  queryOptions({
    queryKey: [...catalogueKey(environmentKey), q, cursor],
    queryFn: ({ signal }) =>
      api.get<CataloguePage>(apiPath`/environments/${environmentKey}/trait-catalogue/`, {
        signal,
        query: { q, cursor, limit: 50 },
      }),
    placeholderData: keepPreviousData,
  });

export const traitPath = (environmentKey: string, key: string): string =>
  apiPath`/environments/${environmentKey}/trait-catalogue/${key}/`;

export const traitQuery = (environmentKey: string, key: string) =>
  queryOptions({
    queryKey: [...catalogueKey(environmentKey), "one", key],
    queryFn: ({ signal }) => api.get<CatalogueTrait>(traitPath(environmentKey, key), { signal }),
  });

export const commonValuesQuery = (environmentKey: string, key: string) =>
  queryOptions({
    queryKey: [...catalogueKey(environmentKey), "values", key],
    queryFn: ({ signal }) =>
      api.get<TraitValues>(`${traitPath(environmentKey, key)}values/`, { signal, query: { limit: 12 } }),
  });
