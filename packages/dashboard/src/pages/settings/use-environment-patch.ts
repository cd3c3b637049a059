import { useQueryClient } from "@tanstack/react-query";
import { api, apiPath } from "../../api/client.ts";
import { patchSeen } from "../../api/patch-seen.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { EnvironmentDetail } from "../../api/types.ts";

/** Stores fields of an environment, and has the pages show them. */
export function useEnvironmentPatch(environment: Pick<EnvironmentDetail, "api_key" | "project">) {
  const client = useQueryClient();
  const path = apiPath`/environments/${environment.api_key}/`;
  /** `seen`: what a form began with; another's change of the same field is then refused. */
  return async (body: Readonly<Record<string, unknown>>, seen?: EnvironmentDetail): Promise<EnvironmentDetail> => {
    const saved = await (seen ? patchSeen(path, seen, body) : api.patch<EnvironmentDetail>(path, body));
    await Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.environment(environment.api_key) }),
      client.invalidateQueries({ queryKey: queryKeys.project(environment.project) }),
    ]);
    return saved;
  };
}
