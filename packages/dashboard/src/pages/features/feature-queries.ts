/** What the pages about features ask and write. */
import type {
  featureSchema,
  flagSchema,
  identityOverrideSchema,
  optionSchema,
  overrideListSchema,
  segmentSchema,
  tagSchema,
  usageSchema,
} from "@burgee/contract/admin";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Paged } from "../../api/types.ts";
import type { FlagValue } from "../../components/value-format.ts";

export type Feature = z.infer<typeof featureSchema>;
export type Flag = z.infer<typeof flagSchema>;
export type Served = Flag["environment_default"];
export type SegmentOverride = Flag["segment_overrides"][number];
export type Option = z.infer<typeof optionSchema>;
export type Tag = z.infer<typeof tagSchema>;
export type Usage = z.infer<typeof usageSchema>;
export type IdentityOverride = z.infer<typeof identityOverrideSchema>;
export type OverrideList = z.infer<typeof overrideListSchema>;
export type Segment = Omit<z.infer<typeof segmentSchema>, "rules"> & { readonly rules: readonly SegmentRule[] };

export interface SegmentRule {
  readonly type: "ALL" | "ANY" | "NONE";
  readonly rules: readonly SegmentRule[];
  readonly conditions: readonly { operator: string; property: string | null; value: string | null }[];
}

export interface FeatureSearch {
  readonly q?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly state?: "on" | "off" | undefined;
  readonly archived?: boolean | undefined;
  readonly sort?: string | undefined;
  readonly page?: number | undefined;
}

export const PAGE_SIZE = 50;

export const featuresQuery = (project: number, environment: { id: number; api_key: string }, search: FeatureSearch) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environment.api_key), "features", search],
    queryFn: ({ signal }) =>
      api.get<Paged<Feature>>(apiPath`/projects/${project}/features/`, {
        signal,
        query: {
          environment: environment.id,
          search: search.q,
          tags: search.tags?.join(","),
          tag_strategy: "UNION",
          is_enabled: search.state === undefined ? undefined : search.state === "on",
          is_archived: search.archived ?? false,
          sort_field: search.sort?.endsWith("created") ? "created_date" : "name",
          sort_direction: search.sort?.startsWith("-") ? "DESC" : "ASC",
          page: search.page ?? 1,
          page_size: PAGE_SIZE,
        },
      }),
    placeholderData: keepPreviousData,
  });

export const featureQuery = (project: number, environment: { id: number; api_key: string }, id: number) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environment.api_key), "feature", id],
    queryFn: ({ signal }) =>
      api.get<Feature>(apiPath`/projects/${project}/features/${id}/`, {
        signal,
        query: { environment: environment.id },
      }),
  });

/** The one route that reads and writes a flag as a whole lives beside the others. */
export const flagPath = (environmentKey: string, feature: number): string =>
  `/api/__future__/environments/${encodeURIComponent(environmentKey)}/features/${feature}/`;

export const flagQuery = (environmentKey: string, feature: number) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "flag", feature],
    queryFn: ({ signal }) => api.get<Flag>(flagPath(environmentKey, feature), { signal }),
  });

export interface ServedPatch {
  readonly enabled?: boolean;
  readonly value?: { readonly type: "string" | "integer" | "boolean"; readonly value: string };
  readonly variants?: readonly { readonly id: number; readonly weight: number }[];
}

export interface FlagPatch {
  readonly environment_default?: ServedPatch;
  readonly segment_overrides?: readonly (ServedPatch & {
    readonly segment: { readonly id: number };
    readonly priority?: number;
  })[];
}

export const patchFlag = (environmentKey: string, feature: number, patch: FlagPatch): Promise<Flag> =>
  api.patch<Flag>(flagPath(environmentKey, feature), patch);

export const removeSegmentOverride = (environmentKey: string, feature: number, segment: number): Promise<Flag> =>
  api.delete<Flag>(`${flagPath(environmentKey, feature)}segment-overrides/${segment}/`);

export const optionsQuery = (project: number, feature: number) =>
  queryOptions({
    queryKey: [...queryKeys.project(project), "options", feature],
    queryFn: async ({ signal }) => {
      const path = apiPath`/projects/${project}/features/${feature}/mv-options/`;
      return (await api.get<Paged<Option>>(path, { signal, query: { page_size: 999 } })).results;
    },
  });

export const tagsQuery = (project: number) =>
  queryOptions({
    queryKey: [...queryKeys.project(project), "tags"],
    queryFn: async ({ signal }) =>
      (await api.get<Paged<Tag>>(apiPath`/projects/${project}/tags/`, { signal, query: { page_size: 999 } })).results,
    staleTime: 60_000,
  });

export const allSegmentsQuery = (project: number) =>
  queryOptions({
    queryKey: [...queryKeys.project(project), "segments", "all"],
    queryFn: async ({ signal }) => {
      const query = { page_size: 999, include_feature_specific: true };
      return (await api.get<Paged<Segment>>(apiPath`/projects/${project}/segments/`, { signal, query })).results;
    },
  });

export const usageQuery = (environmentKey: string, feature: number, days: number) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "usage", feature, days],
    queryFn: ({ signal }) =>
      api.get<Usage>(apiPath`/environments/${environmentKey}/usage/`, { signal, query: { feature, days } }),
  });

/** How many identities have an override here; a feature by itself belongs to no environment, and does not know. */
export const overrideCountQuery = (environmentKey: string, feature: number) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "overrides", feature, "count"],
    queryFn: async ({ signal }) => {
      const path = apiPath`/environments/${environmentKey}/overrides/`;
      return (await api.get<OverrideList>(path, { signal, query: { feature, limit: 1 } })).total;
    },
    retry: false,
  });

/** What an option or a typed answer holds. */
export const optionValue = (option: Pick<Option, "type" | "string_value" | "integer_value" | "boolean_value">) =>
  option.type === "int" ? option.integer_value : option.type === "bool" ? option.boolean_value : option.string_value;

/** From an answer to what the page shows. */
export function servedValue(value: Served["value"]): FlagValue {
  if (value === null) return null;
  if (value.type === "integer") return Number(value.value);
  return value.type === "boolean" ? value.value === "true" : value.value;
}

export function writtenValue(value: FlagValue): NonNullable<ServedPatch["value"]> {
  if (typeof value === "boolean") return { type: "boolean", value: String(value) };
  if (typeof value === "number") return { type: "integer", value: String(value) };
  return { type: "string", value: value ?? "" };
}
