/** The project and the environment of the address, as far as it names them. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { environmentsQuery, projectQuery } from "../api/queries.ts";
import type { Environment, ProjectDetail } from "../api/types.ts";
import { lastPlace } from "./last-place.ts";

export interface CurrentPlace {
  readonly project: ProjectDetail | undefined;
  readonly environments: readonly Environment[];
  /** The address's; on pages of the project, the one that was last worked in, so that the rail keeps its links. */
  readonly environment: Environment | undefined;
  /** Whether the address itself names the environment. */
  readonly isInEnvironment: boolean;
}

export function usePlace(): CurrentPlace {
  const { projectId = 0, environmentKey } = useParams({ strict: false });
  const enabled = projectId > 0;
  const { data: project } = useQuery({ ...projectQuery(projectId), enabled });
  const { data: environments = [] } = useQuery({ ...environmentsQuery(projectId), enabled });
  const wanted = environmentKey ?? lastPlace()?.environmentKey;
  const environment = environments.find(({ api_key }) => api_key === wanted) ?? environments[0];
  return {
    project,
    environments,
    environment: enabled ? environment : undefined,
    isInEnvironment: environmentKey !== undefined && environment?.api_key === environmentKey,
  };
}
