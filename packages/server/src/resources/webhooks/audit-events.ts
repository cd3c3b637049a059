/** AUDIT_LOG_CREATED, as Flagsmith lists an entry of the audit log. */
import { isoTime, presentPerson } from "../../accounts/present-person.ts";
import type { AuditEntry, Written } from "../../changes/commit.ts";
import { presentEnvironment, presentProject } from "../../changes/present-places.ts";
import type { Author } from "./author.ts";
import { type HookEvent, objectKey } from "./event.ts";
import { type Database, readEnvironments, readProjects } from "./events.store.ts";

export async function auditEvents(db: Database, { entries, at }: Written, author: Author): Promise<HookEvent[]> {
  const projects = await readProjects(
    db,
    entries.flatMap((entry) => entry.projectId ?? []),
  );
  const environments = await readEnvironments(
    db,
    entries.flatMap((entry) => entry.environmentId ?? []),
  );
  const data = (entry: AuditEntry) => {
    const project = projects.get(entry.projectId ?? 0);
    const environment = environments.get(entry.environmentId ?? 0);
    return {
      created_date: isoTime(at),
      log: entry.log,
      author: author.user ? presentPerson(author.user) : null,
      environment: environment ? presentEnvironment(environment) : null,
      project: project ? presentProject(project) : null,
      related_object_id: /^\d{1,10}$/.test(entry.objectId) ? Number(entry.objectId) : null,
      related_object_uuid: null,
      related_object_type: entry.objectType.toUpperCase(),
    };
  };
  return entries.flatMap((entry) =>
    entry.organisationId === null
      ? []
      : [
          {
            type: "AUDIT_LOG_CREATED" as const,
            object: objectKey(entry.objectType, entry.objectId),
            organisationId: entry.organisationId,
            environmentId: entry.environmentId,
            projectId: entry.projectId,
            data: data(entry),
          },
        ],
  );
}
