/**
 * Names of what is cached. Everything of one environment begins with `environment(key)`, everything of a project with
 * `project(id)`: a change that is heard of makes the whole branch stale. Pages put their own words behind:
 * [...queryKeys.environment(key), "identities", search].
 */
export const queryKeys = {
  me: ["me"] as const,
  setup: ["setup"] as const,
  projects: ["projects"] as const,
  organisations: ["organisations"] as const,
  organisation: (id: number) => ["organisation", id] as const,
  project: (id: number) => ["project", id] as const,
  environment: (key: string) => ["environment", key] as const,
};
