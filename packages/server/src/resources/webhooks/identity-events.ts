/**
 * IDENTITY_*, TRAITS_UPDATED and IDENTITY_OVERRIDE_*: Burgee's own. They compare what an identity was when it was marked with what it is
 * now, so that a hundred changes between two looks are told as one.
 */
import { parseJson } from "@burgee/contract/sdk";
import { isoTime } from "../../accounts/present-person.ts";
import { type HookEvent, objectKey } from "./event.ts";
import {
  type Database,
  readEnvironments,
  readFeatures,
  readIdentities,
  readOverrides,
  readProjects,
} from "./events.store.ts";
import { percent } from "./flag-events.ts";
import type { Mark } from "./marks.store.ts";

interface Place {
  readonly environment: { readonly id: number; readonly name: string };
  readonly projectId: number;
  readonly organisationId: number;
}

interface HeldIdentity {
  readonly id: number;
  /** JSON object. */
  readonly traits: string;
}

interface HeldOverride {
  readonly enabled: number;
  readonly value: string;
  readonly variants: string;
  readonly is_expired: number;
}

type Traits = Readonly<Record<string, unknown>>;

/** Keeps 2.0 apart from 2. */
function readTraits(text: string): Traits {
  const parsed = parseJson(text);
  return (parsed.ok ? parsed.value : JSON.parse(text)) as Traits;
}

const spelt = (value: unknown): string => JSON.stringify(value) ?? "";

function changedKeys(before: Traits, after: Traits): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => spelt(before[key]) !== spelt(after[key])).sort();
}

interface Teller {
  readonly place: Place;
  readonly identifier: string;
  readonly at: number;
}

function tell({ place, identifier, at }: Teller, type: HookEvent["type"], data: object): HookEvent {
  return {
    type,
    object: objectKey("identity", `${place.environment.id}:${identifier}`),
    organisationId: place.organisationId,
    projectId: place.projectId,
    environmentId: place.environment.id,
    data: { timestamp: isoTime(at), environment: place.environment, ...data },
  };
}

type StoredIdentity = Awaited<ReturnType<typeof readIdentities>>[number];

function identityEvents(teller: Teller, mark: Mark, now: StoredIdentity | undefined): HookEvent[] {
  const { identifier } = teller;
  const before = mark.held === null ? undefined : (JSON.parse(mark.held) as HeldIdentity);
  const isSame = before !== undefined && before.id === now?.id;
  const events: HookEvent[] = [];
  if (before && !isSame) {
    events.push(tell(teller, "IDENTITY_DELETED", { identity: { id: before.id, identifier } }));
  }
  if (!now) return events;
  const identity = { id: now.id, identifier };
  const traits = readTraits(now.traits);
  if (!isSame) {
    return [...events, tell(teller, "IDENTITY_CREATED", { identity, created_date: isoTime(now.created_at), traits })];
  }
  const held = readTraits(before.traits);
  const changed = changedKeys(held, traits);
  if (changed.length === 0) return events;
  const previous = Object.fromEntries(changed.filter((key) => Object.hasOwn(held, key)).map((key) => [key, held[key]]));
  return [...events, tell(teller, "TRAITS_UPDATED", { identity, changed, previous, traits })];
}

interface StoredVariant {
  readonly option_id: number;
  readonly percentage_allocation: number;
}

/** null where it is none, or none that counts any more. */
function presentOverride(row: HeldOverride | undefined) {
  if (!row || row.is_expired === 1) return null;
  const variants = JSON.parse(row.variants) as StoredVariant[];
  return {
    enabled: row.enabled === 1,
    value: JSON.parse(row.value) as unknown,
    variants: variants.map((variant) => ({ id: variant.option_id, weight: percent(variant.percentage_allocation) })),
  };
}

type Features = Awaited<ReturnType<typeof readFeatures>>;

function overrideEvents(
  teller: Teller,
  mark: Mark,
  now: { readonly override: HeldOverride | undefined; readonly identityId: number | null; readonly features: Features },
): HookEvent[] {
  const previous = presentOverride(mark.held === null ? undefined : (JSON.parse(mark.held) as HeldOverride));
  const override = presentOverride(now.override);
  if (spelt(previous) === spelt(override)) return [];
  const feature = { id: mark.feature_id, name: now.features.get(mark.feature_id)?.name ?? null };
  const identity = { id: now.identityId, identifier: teller.identifier };
  const type = override ? "IDENTITY_OVERRIDE_UPDATED" : "IDENTITY_OVERRIDE_DELETED";
  return [tell(teller, type, { identity, feature, override, previous })];
}

async function ofEnvironment(db: Database, place: Place, marks: readonly Mark[], at: number): Promise<HookEvent[]> {
  const identifiers = [...new Set(marks.map((mark) => mark.identifier))];
  const identities = new Map(
    (await readIdentities(db, place.environment.id, identifiers)).map((row) => [row.identifier, row]),
  );
  const ofOverrides = marks.filter((mark) => mark.feature_id !== 0);
  const overrides = new Map(
    (ofOverrides.length === 0 ? [] : await readOverrides(db, place.environment.id, identifiers)).map((row) => [
      `${row.feature_id} ${row.identifier}`,
      row,
    ]),
  );
  const features = await readFeatures(
    db,
    ofOverrides.map((mark) => mark.feature_id),
  );
  // What hangs on an identity comes after it, and goes before it.
  const turnOf = (mark: Mark): number => (mark.feature_id !== 0 ? 1 : identities.has(mark.identifier) ? 0 : 2);
  return marks
    .toSorted((a, b) => turnOf(a) - turnOf(b))
    .flatMap((mark) => {
      const teller: Teller = { place, identifier: mark.identifier, at };
      const identity = identities.get(mark.identifier);
      if (mark.feature_id === 0) return identityEvents(teller, mark, identity);
      const override = overrides.get(`${mark.feature_id} ${mark.identifier}`);
      return overrideEvents(teller, mark, { override, identityId: identity?.id ?? null, features });
    });
}

/** Environments that are gone are told of by nobody. */
export async function identityEventsOf(db: Database, marks: readonly Mark[], at: number): Promise<HookEvent[]> {
  const environments = await readEnvironments(
    db,
    marks.map((mark) => mark.environment_id),
  );
  const projects = await readProjects(
    db,
    [...environments.values()].map((row) => row.project_id),
  );
  const events: HookEvent[] = [];
  for (const [id, some] of Map.groupBy(marks, (mark) => mark.environment_id)) {
    const environment = environments.get(id);
    const project = projects.get(environment?.project_id ?? 0);
    if (!environment || !project) continue;
    const place = {
      environment: { id, name: environment.name },
      projectId: project.id,
      organisationId: project.organisation_id,
    };
    events.push(...(await ofEnvironment(db, place, some, at)));
  }
  return events;
}
