import { queryOptions } from "@tanstack/react-query";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Environment, Paged } from "../../api/types.ts";
import type { Feature } from "../features/feature-queries.ts";

const STEP = 200;

/** Every feature in use as it is in an environment, archived ones left out. */
export const allFeaturesQuery = (project: number, environment: Pick<Environment, "id" | "api_key">) =>
  queryOptions({
    queryKey: [...queryKeys.environment(environment.api_key), "features", "compared"],
    queryFn: async ({ signal }) => {
      const all: Feature[] = [];
      for (let page = 1; ; page += 1) {
        const query = { environment: environment.id, is_archived: false, page, page_size: STEP };
        const answer = await api.get<Paged<Feature>>(apiPath`/projects/${project}/features/`, { signal, query });
        all.push(...answer.results);
        if (answer.next === null) return all;
      }
    },
  });
