/** The first things of an organisation. */
import { api, apiPath } from "./client.ts";
import type { Environment, Organisation, Project } from "./types.ts";

export const createOrganisation = (name: string): Promise<Organisation> => api.post(apiPath`/organisations/`, { name });

const FIRST_ENVIRONMENTS = ["Development", "Production"] as const;

/** A project with two environments; answers the first, where one begins. */
export async function startProject(organisation: number, name: string) {
  const project = await api.post<Project>(apiPath`/projects/`, { name, organisation });
  const environments: Environment[] = [];
  for (const environment of FIRST_ENVIRONMENTS) {
    environments.push(await api.post<Environment>(apiPath`/environments/`, { name: environment, project: project.id }));
  }
  return { project, environmentKey: environments[0]?.api_key ?? "" };
}
