/** What the pages of one identity ask. */
import type {
  ExplainedFlag,
  Explanation,
  featureSchema,
  IdentityRecord,
  identitySegmentsSchema,
  RecordTrait,
  SegmentReason,
  WhatIfInput,
} from "@burgee/contract/admin";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { api, apiPath, request } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Paged } from "../../api/types.ts";
import type { FlagValue } from "../../components/value-format.ts";

export type { ExplainedFlag, Explanation, IdentityRecord, RecordTrait, SegmentReason };
export type Feature = z.infer<typeof featureSchema>;
type IdentitySegments = z.infer<typeof identitySegmentsSchema>;

export const recordPath = (environmentKey: string, identifier: string): string =>
  apiPath`/environments/${environmentKey}/identities/by-identifier/${identifier}/`;

export const overridePath = (environmentKey: string, identifier: string, feature: number): string =>
  `${recordPath(environmentKey, identifier)}overrides/${feature}/`;

const identityKey = (environmentKey: string, identifier: string) =>
  [...queryKeys.environment(environmentKey), "identity", identifier] as const;

export interface TaggedRecord {
  readonly record: IdentityRecord;
  readonly etag: string | null;
}

export const recordQuery = (environmentKey: string, identifier: string) =>
  queryOptions({
    queryKey: [...identityKey(environmentKey, identifier), "record"],
    queryFn: async ({ signal }): Promise<TaggedRecord> => {
      const { data, etag } = await request<IdentityRecord>("GET", recordPath(environmentKey, identifier), { signal });
      return { record: data, etag };
    },
  });

export const explanationQuery = (environmentKey: string, identifier: string) =>
  queryOptions({
    queryKey: [...identityKey(environmentKey, identifier), "explanation"],
    queryFn: ({ signal }) => api.get<Explanation>(`${recordPath(environmentKey, identifier)}explain/`, { signal }),
  });

export const identitySegmentsQuery = (environmentKey: string, identifier: string) =>
  queryOptions({
    queryKey: [...identityKey(environmentKey, identifier), "segments"],
    queryFn: ({ signal }) =>
      api.get<IdentitySegments>(`${recordPath(environmentKey, identifier)}segments/`, { signal }),
  });

/** What somebody would get; nothing is stored. */
export const whatIfQuery = (environmentKey: string, asked: WhatIfInput) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "what-if", asked],
    queryFn: ({ signal }) =>
      api.post<Explanation>(apiPath`/environments/${environmentKey}/explain/`, asked, { signal }),
    placeholderData: keepPreviousData,
  });

/** What everybody gets who is in no segment and has no override. */
export interface Everybodys {
  readonly enabled: boolean;
  readonly value: FlagValue;
}

const MOST = 999;

/** Every feature of the project with its default in this environment, by id. */
export const featuresQuery = (project: number, environment: { readonly id: number; readonly api_key: string }) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environment.api_key), "features-with-defaults", project],
    queryFn: async ({ signal }): Promise<ReadonlyMap<number, Feature>> => {
      const found = new Map<number, Feature>();
      for (let page = 1; ; page += 1) {
        const query = { environment: environment.id, page, page_size: MOST };
        const answer = await api.get<Paged<Feature>>(apiPath`/projects/${project}/features/`, { signal, query });
        for (const feature of answer.results) found.set(feature.id, feature);
        if (answer.next === null) return found;
      }
    },
  });

export function everybodysOf(feature: Feature | undefined): Everybodys | undefined {
  const state = feature?.environment_feature_state;
  return state ? { enabled: state.enabled, value: state.feature_state_value } : undefined;
}

export const differs = (flag: Pick<ExplainedFlag, "enabled" | "value">, other: Everybodys | undefined): boolean =>
  other !== undefined && (flag.enabled !== other.enabled || flag.value !== other.value);
