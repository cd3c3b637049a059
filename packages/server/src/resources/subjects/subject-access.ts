/** All that is held about one identifier, over all environments of an organisation: what a person may ask for. */
import { identitySubject } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { isoMicros } from "../../documents/load.ts";
import { withOverridesOf } from "./feature-entries.ts";
import {
  findIdentity,
  listAllEnvironmentIds,
  listAudit,
  listEnvironments,
  listEvents,
  listOverrides,
  shownAtMost,
} from "./subjects.store.ts";

const DAY_MS = 86_400_000;
const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));
const date = (millis: number | null): string | null => (millis === null ? null : isoMicros(millis, "Z"));

type Environment = Awaited<ReturnType<typeof listEnvironments>>[number];

async function heldIn({ kysely }: Db, environment: Environment, identifier: string) {
  const identity = await findIdentity(kysely, environment.id, identifier);
  const overrides = await listOverrides(kysely, environment.id, identifier);
  const events = await listEvents(kysely, environment.id, identifier);
  if (!identity && overrides.length === 0 && events.length === 0) return undefined;
  const { id, name, api_key, project_id, project_name } = environment;
  return {
    isWhole: events.length <= shownAtMost.events,
    held: {
      environment: { id, name, api_key, project: { id: project_id, name: project_name } },
      identity: identity
        ? {
            id: identity.id,
            identifier,
            created_date: date(identity.created_at),
            last_seen: new Date(identity.last_seen_day * DAY_MS).toISOString().slice(0, 10),
            traits: parsed(identity.traits),
          }
        : null,
      overrides: overrides.map((row) => ({
        feature: { id: row.feature_id, name: row.name },
        enabled: row.enabled === 1,
        value: parsed(row.value),
        reason: row.reason,
        expires_at: date(row.expires_at),
        created_date: date(row.created_at),
        updated_at: date(row.updated_at),
      })),
      events: events.slice(0, shownAtMost.events).map((row) => ({
        event: row.event,
        occurred_at: date(row.occurred_at),
        feature: row.feature_name,
        value: parsed(row.value),
        traits: parsed(row.traits),
        metadata: parsed(row.metadata),
      })),
    },
  };
}

export async function readSubject(db: Db, organisationId: number, identifier: string, now: number) {
  const environments = await listEnvironments(db.kysely, organisationId);
  const found = [];
  for (const environment of environments) {
    const held = await heldIn(db, environment, identifier);
    if (held) found.push(held);
  }
  const ids = await listAllEnvironmentIds(db.kysely, organisationId);
  const subjects = ids.map((id) => identitySubject(id, identifier));
  const audit = subjects.length > 0 ? await listAudit(db.kysely, subjects) : [];
  return {
    identifier,
    created_at: isoMicros(now, "Z"),
    environments: found.map(({ held }) => held),
    audit: audit.slice(0, shownAtMost.audit).map((row) => ({
      id: row.id,
      created_date: date(row.created_at),
      environment: row.environment_id,
      actor: row.actor,
      action: row.action,
      object_type: row.object_type,
      log: row.log,
      before: parsed(withOverridesOf(row.before, (other) => other === identifier)),
      after: parsed(row.after),
    })),
    complete: found.every(({ isWhole }) => isWhole) && audit.length <= shownAtMost.audit,
  };
}
