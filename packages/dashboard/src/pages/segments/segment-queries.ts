/** What the pages about segments ask. */
import type {
  cataloguePage,
  jobSchema,
  membersSchema,
  segmentPreviewSchema,
  segmentSchema,
  traitValuesSchema,
  whereUsedSchema,
} from "@burgee/contract/admin";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Paged } from "../../api/types.ts";
import type { WireRule } from "./rule-tree.ts";

export type Segment = Omit<z.infer<typeof segmentSchema>, "rules"> & { readonly rules: readonly WireRule[] };
export type Preview = z.infer<typeof segmentPreviewSchema>;
export type WhereUsed = z.infer<typeof whereUsedSchema>;
export type Members = z.infer<typeof membersSchema>;
export type CataloguePage = z.infer<typeof cataloguePage>;
export type CatalogueTrait = CataloguePage["results"][number];
export type TraitValues = z.infer<typeof traitValuesSchema>;
export type CountJob = z.infer<typeof jobSchema>;

const MINUTE = 60_000;
export const PAGE_SIZE = 25;

export const segmentsQuery = (project: number, search: { q?: string | undefined; page?: number | undefined }) =>
  queryOptions({
    queryKey: [...queryKeys.project(project), "segments", search],
    queryFn: ({ signal }) =>
      api.get<Paged<Segment>>(apiPath`/projects/${project}/segments/`, {
        signal,
        query: { q: search.q, page: search.page ?? 1, page_size: PAGE_SIZE },
      }),
    placeholderData: keepPreviousData,
  });

export const segmentQuery = (project: number, id: number) =>
  queryOptions({
    queryKey: [...queryKeys.project(project), "segment", id],
    queryFn: ({ signal }) => api.get<Segment>(apiPath`/projects/${project}/segments/${id}/`, { signal }),
  });

export const whereUsedQuery = (project: number, id: number) =>
  queryOptions({
    queryKey: [...queryKeys.project(project), "segment", id, "where-used"],
    queryFn: ({ signal }) => api.get<WhereUsed>(apiPath`/projects/${project}/segments/${id}/where-used/`, { signal }),
  });

/** How many these rules hold for, and what is wrong with them. */
export const previewQuery = (environmentKey: string, rules: readonly WireRule[], segment: number | undefined) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "segment-preview", segment, rules],
    queryFn: ({ signal }) =>
      api.post<Preview>(
        apiPath`/environments/${environmentKey}/segment-preview/`,
        { rules },
        { signal, query: { segment } },
      ),
    staleTime: MINUTE,
    placeholderData: keepPreviousData,
  });

export const membersPath = (project: number, id: number): string =>
  apiPath`/projects/${project}/segments/${id}/members/`;

export const catalogueQuery = (environmentKey: string, q: string) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "trait-catalogue", q],
    queryFn: ({ signal }) =>
      api.get<CataloguePage>(apiPath`/environments/${environmentKey}/trait-catalogue/`, {
        signal,
        query: { q, limit: 200 },
      }),
    staleTime: MINUTE,
  });

export const traitValuesQuery = (environmentKey: string, key: string, q: string) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "trait-values", key, q],
    queryFn: ({ signal }) =>
      api.get<TraitValues>(apiPath`/environments/${environmentKey}/trait-catalogue/${key}/values/`, {
        signal,
        query: { q, limit: 20 },
      }),
    staleTime: MINUTE,
    enabled: key !== "" && !key.startsWith("$."),
    retry: false,
  });
