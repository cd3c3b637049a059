/** FLAG_UPDATED, FLAG_DELETED and NEW_VERSION_PUBLISHED, in Flagsmith's shapes. */
import { wholeFloat } from "@burgee/contract";
import type { WebhookEvent } from "@burgee/contract/admin";
import { isoTime } from "../../accounts/present-person.ts";
import type { Written } from "../../changes/commit.ts";
import type { Author } from "./author.ts";
import type { HookEvent } from "./event.ts";
import { type Database, type NamedFeature, readStates } from "./events.store.ts";
import { type FlagChange, flagChangesOf, type Held, heldState } from "./flag-changes-of.ts";
import { type Named, nameAll, nameOptions } from "./flag-names.ts";

/** Python's floats keep their fraction: 50.0. */
export const percent = (value: number): unknown => (Number.isInteger(value) ? wholeFloat(value) : value);

const presentFeature = (row: NamedFeature) => ({
  id: row.id,
  created_date: isoTime(row.created_at),
  default_enabled: row.default_enabled === 1,
  description: row.description,
  initial_value: row.initial_value,
  name: row.name,
  project: { id: row.project_id, name: row.project_name },
  type: row.type,
});

const optionValue = (value: string | undefined): unknown => (value === undefined ? null : JSON.parse(value));

const presentShares = (state: Held, { options, shareIds }: Named) =>
  state.multivariate_feature_state_values.map((share) => ({
    id: share.id ?? shareIds.get(`${state.id} ${share.multivariate_feature_option}`) ?? null,
    multivariate_feature_option: {
      id: share.multivariate_feature_option,
      value: optionValue(options.get(share.multivariate_feature_option)?.value),
    },
    percentage_allocation: percent(share.percentage_allocation),
  }));

function presentSegment(state: Held, { segments }: Named) {
  if (typeof state.segment !== "number") return null;
  const segment = segments.get(state.segment);
  const { id = state.segment, name = "", description = null } = segment ?? {};
  return { segment: { id, name, description }, priority: state.priority ?? 0 };
}

function presentState(state: Held | null, change: FlagChange, named: Named) {
  const feature = named.features.get(change.featureId);
  if (!state || !feature) return null;
  return {
    enabled: state.enabled,
    environment: { id: change.environmentId, name: named.environments.get(change.environmentId)?.name ?? "" },
    feature: presentFeature(feature),
    feature_segment: presentSegment(state, named),
    feature_state_value: state.feature_state_value,
    identity: state.identity ?? null,
    identity_identifier: change.identifier,
    multivariate_feature_state_values: presentShares(state, named),
  };
}

const placeOf = (feature: NamedFeature, environmentId: number) => ({
  object: `feature:${feature.id}`,
  organisationId: feature.organisation_id,
  projectId: feature.project_id,
  environmentId,
});

function flagEvent(change: FlagChange, named: Named, author: Author, at: number): HookEvent[] {
  const environment = named.environments.get(change.environmentId);
  const feature = named.features.get(change.featureId);
  if (!environment || !feature) return [];
  const previous = presentState(change.before, change, named);
  const data = {
    changed_by: author.name,
    timestamp: isoTime(at),
    new_state: presentState(change.after, change, named),
    ...(previous ? { previous_state: previous } : {}),
  };
  const type: WebhookEvent = change.after ? "FLAG_UPDATED" : "FLAG_DELETED";
  return [{ type, ...placeOf(feature, environment.id), data }];
}

/** Every flag that the environment changed, as a whole: what Flagsmith sends where features are versioned. */
async function versionEvents(
  db: Database,
  written: Written,
  changes: readonly FlagChange[],
  named: Named,
  author: Author,
) {
  const shared = changes.filter((change) => change.identifier === null && named.features.has(change.featureId));
  const flags = new Map(shared.map((change) => [`${change.environmentId} ${change.featureId}`, change]));
  const events: HookEvent[] = [];
  for (const { environmentId, featureId } of flags.values()) {
    const feature = named.features.get(featureId);
    const states = (await readStates(db, featureId, environmentId)).map(heldState);
    if (!feature || states.length === 0) continue;
    const options = await nameOptions(db, written, states);
    const data = {
      uuid: crypto.randomUUID(),
      feature: { id: feature.id, name: feature.name },
      published_by: author.user ? { id: author.user.id, email: author.user.email } : null,
      feature_states: states.map((state) => ({
        enabled: state.enabled,
        value: state.feature_state_value,
        multivariate_feature_state_values: presentShares(state, { ...named, options }),
      })),
    };
    events.push({ type: "NEW_VERSION_PUBLISHED", ...placeOf(feature, environmentId), data });
  }
  return events;
}

export async function flagEvents(
  db: Database,
  written: Written,
  author: Author,
  wanted: ReadonlySet<WebhookEvent>,
): Promise<HookEvent[]> {
  if (!["FLAG_UPDATED", "FLAG_DELETED", "NEW_VERSION_PUBLISHED"].some((type) => wanted.has(type as WebhookEvent))) {
    return [];
  }
  const changes = await flagChangesOf(db, written);
  if (changes.length === 0) return [];
  const states = changes.flatMap(({ before, after }) => [before, after]).filter((state) => state !== null);
  const named = await nameAll(db, written, states);
  const flags = changes.flatMap((change) => flagEvent(change, named, author, written.at));
  const versions = wanted.has("NEW_VERSION_PUBLISHED") ? await versionEvents(db, written, changes, named, author) : [];
  return [...flags, ...versions];
}
