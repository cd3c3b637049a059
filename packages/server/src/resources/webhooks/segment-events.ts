/** SEGMENT_CREATED, SEGMENT_UPDATED and SEGMENT_DELETED: Burgee's own. */
import type { WebhookEvent } from "@burgee/contract/admin";
import { isoTime } from "../../accounts/present-person.ts";
import type { AuditEntry, Written } from "../../changes/commit.ts";
import type { Author } from "./author.ts";
import { type HookEvent, objectKey } from "./event.ts";
import { type Database, readProjects } from "./events.store.ts";

const TYPES = { CREATE: "SEGMENT_CREATED", UPDATE: "SEGMENT_UPDATED", DELETE: "SEGMENT_DELETED" } as const;

const SHOWN = ["id", "uuid", "name", "description", "feature", "rules"] as const;

/** Of what the audit log keeps: some of that serves undoing only. */
function shown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return null;
  const kept: Record<string, unknown> = { ...value };
  return Object.fromEntries(SHOWN.map((key) => [key, kept[key] ?? null]));
}

export async function segmentEvents(
  db: Database,
  { entries, at }: Written,
  author: Author,
  wanted: ReadonlySet<WebhookEvent>,
): Promise<HookEvent[]> {
  const told = entries.filter((entry) => entry.objectType === "segment" && wanted.has(TYPES[entry.action]));
  if (told.length === 0) return [];
  const projects = await readProjects(
    db,
    told.flatMap((entry) => entry.projectId ?? []),
  );
  return told.flatMap((entry: AuditEntry) => {
    const project = projects.get(entry.projectId ?? 0);
    if (!project) return [];
    const data = {
      changed_by: author.name,
      timestamp: isoTime(at),
      project: { id: project.id, name: project.name },
      segment: shown(entry.after),
      previous: shown(entry.before),
    };
    return [
      {
        type: TYPES[entry.action],
        object: objectKey("segment", entry.objectId),
        organisationId: project.organisation_id,
        projectId: project.id,
        environmentId: null,
        data,
      },
    ];
  });
}
