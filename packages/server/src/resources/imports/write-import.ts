/** Writes a plan whose clashes were looked for, parents first. Runs inside one transaction: it is there as a whole or not at all. */
import { randomUUID } from "node:crypto";
import { chunks, type Trx } from "./import-checks.ts";
import type { ImportPlan, PlannedState } from "./import-plan.ts";

export interface WriteContext {
  readonly trx: Trx;
  readonly plan: ImportPlan;
  readonly now: number;
  readonly serverKey: string;
  /** Rows written so far and in all. */
  readonly onProgress: (done: number, total: number) => void;
}

const flag = (value: boolean | undefined | null): number => (value ? 1 : 0);

export async function writeOwners({ trx, plan, now }: WriteContext, held: { organisation: boolean; project: boolean }) {
  const { organisation, ...project } = plan.document.project;
  if (!held.organisation) {
    const row = {
      id: organisation.id,
      uuid: randomUUID(),
      name: organisation.name,
      persist_trait_data: flag(organisation.persist_trait_data ?? true),
      stop_serving_flags: flag(organisation.stop_serving_flags),
      feature_analytics: flag(organisation.feature_analytics),
      created_at: now,
    };
    await trx.insertInto("organisations").values(row).execute();
  }
  if (held.project) return;
  const row = {
    id: project.id,
    uuid: randomUUID(),
    organisation_id: organisation.id,
    name: project.name,
    hide_disabled_flags: flag(project.hide_disabled_flags),
    enable_realtime_updates: flag(project.enable_realtime_updates),
    created_at: now,
  };
  await trx.insertInto("projects").values(row).execute();
}

export async function writeEnvironment({ trx, plan, now, serverKey }: WriteContext): Promise<void> {
  const { document } = plan;
  const hidden = document.hide_disabled_flags;
  const row = {
    id: document.id,
    uuid: randomUUID(),
    project_id: document.project.id,
    name: document.name ?? `Environment ${document.id}`,
    description: null,
    api_key: document.api_key,
    allow_client_traits: flag(document.allow_client_traits ?? true),
    hide_disabled_flags: hidden === null || hidden === undefined ? null : flag(hidden),
    hide_sensitive_data: flag(document.hide_sensitive_data),
    use_identity_composite_key_for_hashing: flag(document.use_identity_composite_key_for_hashing ?? true),
    use_identity_overrides_in_local_eval: flag(document.use_identity_overrides_in_local_eval ?? true),
    revision: 0,
    updated_at: 0,
    created_at: now,
    first_evaluated_at: null,
    first_evaluated_sdk: null,
  };
  await trx.insertInto("environments").values(row).execute();
  const key = {
    environment_id: document.id,
    key: serverKey,
    name: "Imported",
    active: 1,
    created_at: now,
    expires_at: null,
  };
  await trx.insertInto("environment_keys").values(key).execute();
}

export async function writeFeatures(
  context: WriteContext,
  created: Pick<ImportPlan, "features" | "options">,
): Promise<void> {
  const { trx, plan, now } = context;
  for (const part of chunks(created.features)) {
    const rows = part.map((feature) => ({
      id: feature.id,
      uuid: randomUUID(),
      project_id: plan.document.project.id,
      name: feature.name,
      name_key: feature.name.toLowerCase(),
      type: feature.type,
      initial_value: null,
      default_enabled: 0,
      description: null,
      is_archived: 0,
      is_server_key_only: flag(feature.isServerKeyOnly),
      created_at: now,
    }));
    await trx.insertInto("features").values(rows).execute();
  }
  for (const part of chunks(created.options)) {
    const rows = part.map((option) => ({
      id: option.id,
      uuid: randomUUID(),
      feature_id: option.featureId,
      value: option.value,
      key: option.key,
      default_percentage_allocation: option.percentage,
    }));
    await trx.insertInto("multivariate_options").values(rows).execute();
  }
}

export async function writeSegments({ trx, plan, now }: WriteContext, positions: readonly number[]): Promise<void> {
  const { segments, id: projectId } = plan.document.project;
  for (const part of chunks(positions)) {
    const rows = part.flatMap((i) => {
      const segment = segments[i];
      if (!segment) return [];
      const { id, name } = segment;
      const rules = JSON.stringify(segment.rules);
      return [
        {
          id,
          uuid: randomUUID(),
          project_id: projectId,
          feature_id: null,
          name,
          description: null,
          rules,
          created_at: now,
          updated_at: now,
        },
      ];
    });
    await trx.insertInto("segments").values(rows).execute();
  }
}

/** Returns, by segment and feature, the ids of the rows that tie a segment to a feature here. */
async function writeFeatureSegments({ trx, plan }: WriteContext): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  const overrides = plan.states.filter((state) => state.segmentId !== null);
  for (const part of chunks(overrides)) {
    const rows = part.map((state) => ({
      uuid: randomUUID(),
      feature_id: state.featureId,
      segment_id: state.segmentId as number,
      environment_id: plan.document.id,
      priority: state.priority ?? 0,
    }));
    const written = await trx
      .insertInto("feature_segments")
      .values(rows)
      .returning(["id", "segment_id", "feature_id"])
      .execute();
    for (const row of written) ids.set(`${row.segment_id} ${row.feature_id}`, row.id);
  }
  return ids;
}

interface WrittenState {
  readonly state: PlannedState;
  readonly id: number;
}

async function writeStateRows(
  context: WriteContext,
  featureSegments: ReadonlyMap<string, number>,
): Promise<WrittenState[]> {
  const { trx, plan, now } = context;
  const written: WrittenState[] = [];
  // Rows with an id of their own and rows that get one cannot share a statement.
  for (const group of [plan.states.filter((s) => s.id !== null), plan.states.filter((s) => s.id === null)]) {
    for (const part of chunks(group)) {
      const rows = part.map((state) => ({
        ...(state.id === null ? {} : { id: state.id }),
        uuid: state.uuid,
        feature_id: state.featureId,
        environment_id: plan.document.id,
        feature_segment_id:
          state.segmentId === null ? null : (featureSegments.get(`${state.segmentId} ${state.featureId}`) ?? null),
        enabled: state.enabled,
        value: state.value,
        hash_seed: state.hashSeed,
        created_at: now,
        updated_at: now,
      }));
      const ids = await trx.insertInto("feature_states").values(rows).returning(["id", "uuid"]).execute();
      const byUuid = new Map(ids.map((row) => [row.uuid, row.id]));
      for (const state of part) written.push({ state, id: byUuid.get(state.uuid) as number });
      context.onProgress(written.length, plan.states.length + plan.overrides.length);
    }
  }
  return written;
}

/** Where values have no id, their order (by uuid as a number) decides buckets; ids are given in that order. */
const byUuidNumber = (a: { mv_fs_value_uuid?: string }, b: { mv_fs_value_uuid?: string }): number => {
  const [left, right] = [a.mv_fs_value_uuid ?? "", b.mv_fs_value_uuid ?? ""].map((uuid) =>
    uuid.replaceAll("-", "").toLowerCase(),
  );
  return (left ?? "") < (right ?? "") ? -1 : 1;
};

async function writeVariants({ trx }: WriteContext, written: readonly WrittenState[]): Promise<void> {
  const values = written.flatMap(({ state, id }) =>
    state.variants.map((variant) => ({
      id: variant.id ?? null,
      uuid: variant.mv_fs_value_uuid ?? randomUUID(),
      feature_state_id: id,
      multivariate_option_id: variant.multivariate_feature_option.id,
      percentage_allocation: variant.percentage_allocation,
    })),
  );
  const numbered = values.flatMap(({ id, ...value }) => (id === null ? [] : [{ ...value, id }]));
  for (const part of chunks(numbered)) {
    await trx.insertInto("multivariate_state_values").values(part).execute();
  }
  const unnumbered = values
    .filter((value) => value.id === null)
    .sort((a, b) => byUuidNumber({ mv_fs_value_uuid: a.uuid }, { mv_fs_value_uuid: b.uuid }));
  for (const part of chunks(unnumbered)) {
    const rows = part.map(({ id: _none, ...row }) => row);
    await trx.insertInto("multivariate_state_values").values(rows).execute();
  }
}

export async function writeStates(context: WriteContext): Promise<void> {
  const featureSegments = await writeFeatureSegments(context);
  await writeVariants(context, await writeStateRows(context, featureSegments));
}

/** Every environment of a project has a state of every feature: those that this import brought or found lacking are added. */
export async function writeMissingStates({ trx, plan, now }: WriteContext): Promise<number[]> {
  const projectId = plan.document.project.id;
  const missing = await trx
    .selectFrom("features as f")
    .innerJoin("environments as e", "e.project_id", "f.project_id")
    .leftJoin("feature_states as s", (join) =>
      join
        .onRef("s.feature_id", "=", "f.id")
        .onRef("s.environment_id", "=", "e.id")
        .on("s.feature_segment_id", "is", null),
    )
    .where("f.project_id", "=", projectId)
    .where("s.id", "is", null)
    .select(["f.id as feature_id", "e.id as environment_id", "f.default_enabled", "f.initial_value"])
    .execute();
  for (const part of chunks(missing)) {
    const rows = part.map((row) => {
      const uuid = randomUUID();
      return {
        uuid,
        feature_id: row.feature_id,
        environment_id: row.environment_id,
        feature_segment_id: null,
        enabled: row.default_enabled,
        value: JSON.stringify(row.initial_value),
        hash_seed: uuid,
        created_at: now,
        updated_at: now,
      };
    });
    await trx.insertInto("feature_states").values(rows).execute();
  }
  return [...new Set(missing.map((row) => row.environment_id))];
}
