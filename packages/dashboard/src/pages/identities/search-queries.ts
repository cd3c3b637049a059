/** What the list of identities asks. */
import type { dryRunSchema, identitySearchPage, jobSchema } from "@burgee/contract/admin";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";

export type SearchPage = z.infer<typeof identitySearchPage>;
export type FoundIdentity = SearchPage["results"][number];
export type Total = SearchPage["total"];
export type DryRun = z.infer<typeof dryRunSchema>;
export type StartedJob = z.infer<typeof jobSchema>;

export const PAGE_SIZE = 50;
/** A page that found too little in its time goes on by itself so often. */
const MOST_ROUNDS = 4;

export interface Asked {
  readonly q: string;
  readonly sort: string;
  readonly cursor: string | undefined;
  readonly segments: boolean;
}

const searchPath = (environmentKey: string): string => apiPath`/environments/${environmentKey}/identity-search/`;

export const searchQuery = (environmentKey: string, asked: Asked) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "identity-search", asked],
    queryFn: async ({ signal }): Promise<SearchPage> => {
      const { q, sort, segments } = asked;
      let cursor = asked.cursor;
      let page: SearchPage | undefined;
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        const limit = PAGE_SIZE - (page?.results.length ?? 0);
        const query = { q, sort, cursor, limit, segments: segments || undefined };
        const next = await api.get<SearchPage>(searchPath(environmentKey), { signal, query });
        page = page ? { ...next, results: [...page.results, ...next.results], total: page.total ?? next.total } : next;
        if (page.next === null || page.results.length >= PAGE_SIZE) break;
        cursor = page.next;
      }
      return page as SearchPage;
    },
    placeholderData: keepPreviousData,
  });

/** How many there are in all. */
export const populationQuery = (environmentKey: string) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environmentKey), "population"],
    queryFn: async ({ signal }): Promise<Total> => {
      const page = await api.get<SearchPage>(searchPath(environmentKey), { signal, query: { limit: 1 } });
      return page.total;
    },
    staleTime: 60_000,
  });
