import { useQueryClient } from "@tanstack/react-query";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { EnvironmentDetail } from "../../api/types.ts";

/** Stores fields of an environment, and has the pages show them. */
export function useEnvironmentPatch(environment: Pick<EnvironmentDetail, "api_key" | "project">) {
  const client = useQueryClient();
  return async (body: object): Promise<EnvironmentDetail> => {
    const saved = await api.patch<EnvironmentDetail>(apiPath`/environments/${environment.api_key}/`, body);
    await Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.environment(environment.api_key) }),
      client.invalidateQueries({ queryKey: queryKeys.project(environment.project) }),
    ]);
    return saved;
  };
}
