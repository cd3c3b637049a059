/** Audit entries as Flagsmith shows them, and the differences between before and after. */
import { presentEnvironment, presentProject } from "../../changes/present-places.ts";
import { isoMicros } from "../../documents/load.ts";
import { type AuditPeople, type AuditRow, userIdOf } from "./audit.store.ts";

const lookUp = <V>(map: ReadonlyMap<number, V>, id: number | null): V | undefined =>
  id === null ? undefined : map.get(id);

export function presentAudit(row: AuditRow, named: AuditPeople) {
  const user = lookUp(named.users, userIdOf(row.actor));
  const project = lookUp(named.projects, row.project_id);
  const environment = lookUp(named.environments, row.environment_id);
  return {
    id: row.id,
    created_date: isoMicros(row.created_at, "Z"),
    log: row.log,
    author: user
      ? {
          id: user.id,
          email: user.email,
          first_name: user.first_name,
          last_name: user.last_name,
          last_login: user.last_login_at === null ? null : isoMicros(user.last_login_at, "Z"),
          uuid: user.uuid,
        }
      : null,
    environment: environment ? presentEnvironment(environment) : null,
    project: project ? presentProject(project) : null,
    related_object_id: /^\d{1,10}$/.test(row.object_id) ? Number(row.object_id) : null,
    related_object_uuid: null,
    related_object_type: row.object_type.toUpperCase().slice(0, 20),
    is_system_event: !/^(user|key):/.test(row.actor),
    // Beyond Flagsmith's shape:
    actor: row.actor,
    request_id: row.request_id,
    address: row.address,
    revision: row.revision,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const scalar = (value: unknown): unknown =>
  value === undefined ? null : typeof value === "object" && value !== null ? JSON.stringify(value) : value;

/** What an entry holds only so that it can be undone. */
const KEPT = "kept";

/** Field by field, only what differs; lists and objects as their JSON. */
export function changeDetails(row: AuditRow): { field: string; old: unknown; new: unknown }[] {
  const before: unknown = row.before === null ? null : JSON.parse(row.before);
  const after: unknown = row.after === null ? null : JSON.parse(row.after);
  if (!isRecord(before) && !isRecord(after)) {
    return before === null && after === null
      ? []
      : [{ field: row.object_type, old: scalar(before), new: scalar(after) }];
  }
  const old = isRecord(before) ? before : {};
  const now = isRecord(after) ? after : {};
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return fields
    .filter((field) => field !== KEPT && JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map((field) => ({ field, old: scalar(old[field]), new: scalar(now[field]) }));
}
