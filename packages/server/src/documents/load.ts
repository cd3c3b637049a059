/** Reads one environment from the database, as of one revision, and compiles it. */
import { compile, type DocumentSegment, decide, type EnvironmentDocument, type FeatureState } from "@burgee/engine";
import type { Kysely, Selectable } from "kysely";
import type { Db } from "../db/database.ts";
import type { EnvironmentsTable, OrganisationsTable, ProjectsTable, Tables } from "../db/tables.ts";
import { createFlagBook } from "./flag-book.ts";
import type { FeatureInfo, LoadedEnvironment, OptionInfo } from "./loaded.ts";
import { type StateRow, toFeatureState } from "./states.ts";

interface Owner {
  readonly environment: Selectable<EnvironmentsTable>;
  readonly project: Selectable<ProjectsTable>;
  readonly organisation: Selectable<OrganisationsTable>;
}

/** ISO-8601 with the microseconds that Python clients expect; ours end in three zeros. */
export const isoMicros = (millis: number, zone: "Z" | "+00:00"): string =>
  new Date(millis).toISOString().replace("Z", `000${zone}`);

/** Epoch seconds as Python prints a float: always with a fraction, or Flutter takes it for an integer and ignores it. */
export const epochSeconds = (millis: number): string => `${(millis / 1000).toFixed(3)}000`;

const secondOf = (millis: number | null): number => (millis === null ? Number.NaN : Math.floor(millis / 1000));

async function readOwner(db: Kysely<Tables>, environmentId: number): Promise<Owner | undefined> {
  const environment = await db
    .selectFrom("environments")
    .selectAll()
    .where("id", "=", environmentId)
    .executeTakeFirst();
  if (!environment) return undefined;
  const project = await db
    .selectFrom("projects")
    .selectAll()
    .where("id", "=", environment.project_id)
    .executeTakeFirstOrThrow();
  const organisation = await db
    .selectFrom("organisations")
    .selectAll()
    .where("id", "=", project.organisation_id)
    .executeTakeFirstOrThrow();
  return { environment, project, organisation };
}

async function readFeatures(db: Kysely<Tables>, projectId: number): Promise<Map<number, FeatureInfo>> {
  const rows = await db.selectFrom("features").selectAll().where("project_id", "=", projectId).orderBy("id").execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name,
        type: row.type,
        createdDate: isoMicros(row.created_at, "Z"),
        description: row.description,
        initialValue: row.initial_value,
        defaultEnabled: row.default_enabled === 1,
        isServerKeyOnly: row.is_server_key_only === 1,
      },
    ]),
  );
}

async function readOptions(db: Kysely<Tables>, projectId: number): Promise<Map<number, OptionInfo>> {
  const rows = await db
    .selectFrom("multivariate_options")
    .innerJoin("features", "features.id", "multivariate_options.feature_id")
    .where("features.project_id", "=", projectId)
    .select(["multivariate_options.id", "multivariate_options.value", "multivariate_options.key"])
    .execute();
  return new Map(rows.map((row) => [row.id, { id: row.id, value: JSON.parse(row.value), key: row.key }]));
}

interface EnvironmentState extends StateRow {
  readonly featureId: number;
  readonly segmentId: number | null;
}

async function readStates(
  db: Kysely<Tables>,
  environmentId: number,
  options: ReadonlyMap<number, OptionInfo>,
): Promise<EnvironmentState[]> {
  const rows = await db
    .selectFrom("feature_states")
    .leftJoin("feature_segments", "feature_segments.id", "feature_states.feature_segment_id")
    .where("feature_states.environment_id", "=", environmentId)
    .selectAll("feature_states")
    .select(["feature_segments.segment_id", "feature_segments.priority"])
    .orderBy("feature_states.feature_id")
    .orderBy("feature_states.id")
    .execute();
  const values = await db
    .selectFrom("multivariate_state_values")
    .innerJoin("feature_states", "feature_states.id", "multivariate_state_values.feature_state_id")
    .where("feature_states.environment_id", "=", environmentId)
    .selectAll("multivariate_state_values")
    .orderBy("multivariate_state_values.id")
    .execute();
  const byState = Map.groupBy(values, (value) => value.feature_state_id);
  return rows.map((row) => ({
    id: row.id,
    uuid: row.uuid,
    featureId: row.feature_id,
    segmentId: row.segment_id,
    featureSegmentId: row.feature_segment_id,
    priority: row.priority,
    enabled: row.enabled,
    value: row.value,
    hashSeed: row.hash_seed,
    variants: (byState.get(row.id) ?? []).flatMap((value) => {
      const option = options.get(value.multivariate_option_id);
      if (!option) return [];
      return [
        {
          id: value.id,
          mv_fs_value_uuid: value.uuid,
          percentage_allocation: value.percentage_allocation,
          multivariate_feature_option: option,
        },
      ];
    }),
  }));
}

/** What people noted beside a condition is not for clients. */
function readRules(text: string): DocumentSegment["rules"] {
  if (!text.includes('"description"')) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown) => (key === "description" ? undefined : value));
}

/** A segment that belongs to one feature is left out where it overrides nothing. */
async function readSegments(
  db: Kysely<Tables>,
  projectId: number,
  overrides: ReadonlyMap<number | null, FeatureState[]>,
): Promise<DocumentSegment[]> {
  const rows = await db.selectFrom("segments").selectAll().where("project_id", "=", projectId).orderBy("id").execute();
  return rows
    .filter((row) => row.feature_id === null || overrides.has(row.id))
    .map((row) => ({
      id: row.id,
      name: row.name,
      rules: readRules(row.rules),
      feature_states: overrides.get(row.id) ?? [],
    }));
}

function toDocument(
  { environment, project, organisation }: Owner,
  features: ReadonlyMap<number, FeatureInfo>,
  defaults: FeatureState[],
  segments: DocumentSegment[],
): EnvironmentDocument {
  return {
    id: environment.id,
    api_key: environment.api_key,
    name: environment.name,
    updated_at: isoMicros(environment.updated_at, "+00:00"),
    allow_client_traits: environment.allow_client_traits === 1,
    hide_sensitive_data: environment.hide_sensitive_data === 1,
    hide_disabled_flags: environment.hide_disabled_flags === null ? null : environment.hide_disabled_flags === 1,
    use_identity_composite_key_for_hashing: environment.use_identity_composite_key_for_hashing === 1,
    use_identity_overrides_in_local_eval: environment.use_identity_overrides_in_local_eval === 1,
    project: {
      id: project.id,
      name: project.name,
      hide_disabled_flags: project.hide_disabled_flags === 1,
      enable_realtime_updates: project.enable_realtime_updates === 1,
      server_key_only_feature_ids: [...features.values()].filter((f) => f.isServerKeyOnly).map((f) => f.id),
      organisation: {
        id: organisation.id,
        name: organisation.name,
        feature_analytics: organisation.feature_analytics === 1,
        stop_serving_flags: organisation.stop_serving_flags === 1,
        persist_trait_data: organisation.persist_trait_data === 1,
      },
      segments,
    },
    feature_states: defaults,
    identity_overrides: [],
  };
}

function toLoaded(
  owner: Owner,
  document: EnvironmentDocument,
  features: ReadonlyMap<number, FeatureInfo>,
  options: ReadonlyMap<number, OptionInfo>,
): LoadedEnvironment {
  const { environment, project, organisation } = owner;
  const compiled = compile(document);
  const hideDisabledFlags = (environment.hide_disabled_flags ?? project.hide_disabled_flags) === 1;
  const source = {
    environmentId: environment.id,
    hideSensitiveData: environment.hide_sensitive_data === 1,
    hideDisabledFlags,
    defaults: decide(compiled, null),
    outcomes: compiled.outcomes,
    feature: (id: number) => features.get(id),
  };
  return {
    id: environment.id,
    projectId: project.id,
    organisationId: organisation.id,
    apiKey: environment.api_key,
    name: environment.name,
    revision: environment.revision,
    updatedAt: environment.updated_at,
    changedTwiceInSecond: secondOf(environment.previous_updated_at) === secondOf(environment.updated_at),
    updatedAtSeconds: epochSeconds(environment.updated_at),
    allowClientTraits: environment.allow_client_traits === 1,
    persistTraitData: organisation.persist_trait_data === 1,
    stopServingFlags: organisation.stop_serving_flags === 1,
    hideSensitiveData: source.hideSensitiveData,
    hideDisabledFlags,
    compositeHashKey: environment.use_identity_composite_key_for_hashing === 1,
    realtime: project.enable_realtime_updates === 1,
    overridesInLocalEval: environment.use_identity_overrides_in_local_eval === 1,
    compiled,
    features,
    options,
    flags: { client: createFlagBook(source, "client"), server: createFlagBook(source, "server") },
  };
}

async function read(db: Kysely<Tables>, environmentId: number): Promise<LoadedEnvironment | undefined> {
  const owner = await readOwner(db, environmentId);
  if (!owner) return undefined;
  const features = await readFeatures(db, owner.project.id);
  const options = await readOptions(db, owner.project.id);
  const states = await readStates(db, environmentId, options);
  const defaults: FeatureState[] = [];
  const overrides = new Map<number | null, FeatureState[]>();
  for (const row of states) {
    const feature = features.get(row.featureId);
    if (!feature) continue;
    const state = toFeatureState(feature, row);
    if (row.segmentId === null) defaults.push(state);
    else overrides.set(row.segmentId, [...(overrides.get(row.segmentId) ?? []), state]);
  }
  const segments = await readSegments(db, owner.project.id, overrides);
  return toLoaded(owner, toDocument(owner, features, defaults, segments), features, options);
}

const MAX_TRIES = 5;

/**
 * undefined when there is no such environment. The queries are separate, so a change may commit between them:
 * the revision is read again at the end, and where it moved the load starts over.
 */
export async function loadEnvironment(db: Db, environmentId: number): Promise<LoadedEnvironment | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const loaded = await read(db.kysely, environmentId);
    if (!loaded) return undefined;
    const after = await db.kysely
      .selectFrom("environments")
      .select("revision")
      .where("id", "=", environmentId)
      .executeTakeFirst();
    if (after?.revision === loaded.revision) return loaded;
    // Five changes during five loads: the last one read is at least as new as when the caller asked.
    if (attempt >= MAX_TRIES && after) return loaded;
  }
}
