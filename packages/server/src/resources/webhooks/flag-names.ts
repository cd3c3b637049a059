/** What a flag's events name: features, environments, segments and variants, those that are just deleted among them. */
import { z } from "zod";
import type { Written } from "../../changes/commit.ts";
import {
  type Database,
  type NamedFeature,
  readEnvironments,
  readFeatures,
  readOptions,
  readProjects,
  readSegments,
  readShareIds,
} from "./events.store.ts";
import type { GoneFeature, Held } from "./flag-changes-of.ts";

export interface Named {
  readonly features: ReadonlyMap<number, NamedFeature>;
  readonly environments: Awaited<ReturnType<typeof readEnvironments>>;
  readonly segments: Awaited<ReturnType<typeof readSegments>>;
  readonly options: Awaited<ReturnType<typeof readOptions>>;
  readonly shareIds: ReadonlyMap<string, number>;
}

const variantsIn = (states: readonly Held[]): number[] =>
  states.flatMap((state) => state.multivariate_feature_state_values.map((share) => share.multivariate_feature_option));

export async function nameAll(db: Database, written: Written, states: readonly Held[]): Promise<Named> {
  const ids = <Id>(pick: (state: Held) => Id | null | undefined): Id[] => states.flatMap((state) => pick(state) ?? []);
  const shared = states.filter((state) => (state.identity ?? null) === null);
  return {
    features: new Map([
      ...(await readFeatures(
        db,
        ids((state) => state.feature),
      )),
      ...(await goneFeatures(db, written)),
    ]),
    environments: await readEnvironments(
      db,
      ids((state) => state.environment),
    ),
    segments: await readSegments(
      db,
      ids((state) => state.segment),
    ),
    options: await nameOptions(db, written, states),
    shareIds: await readShareIds(
      db,
      shared.map((state) => state.id),
    ),
  };
}

export async function nameOptions(
  db: Database,
  { entries }: Written,
  states: readonly Held[],
): Promise<Named["options"]> {
  const gone = entries.flatMap((entry) => (entry.gone as GoneFeature | undefined)?.options ?? []);
  return new Map([
    ...(await readOptions(db, variantsIn(states))),
    ...gone.map((option) => [option.id, option] as const),
  ]);
}

const goneSchema = z.object({
  id: z.int(),
  name: z.string(),
  type: z.enum(["STANDARD", "MULTIVARIATE"]),
  description: z.string().nullable(),
  initial_value: z.string().nullable(),
  default_enabled: z.boolean(),
});

/** Deleted by this very change: all there is left of them is in its entries. */
async function goneFeatures(db: Database, { entries }: Written): Promise<ReadonlyMap<number, NamedFeature>> {
  const gone = entries.filter((entry) => entry.objectType === "feature" && entry.action === "DELETE");
  const projects = await readProjects(
    db,
    gone.flatMap((entry) => entry.projectId ?? []),
  );
  const features = gone.flatMap((entry) => {
    const read = goneSchema.safeParse(entry.before);
    const project = projects.get(entry.projectId ?? 0);
    if (!read.success || !project) return [];
    const { default_enabled: isDefault, ...rest } = read.data;
    const row: NamedFeature = {
      ...rest,
      default_enabled: isDefault ? 1 : 0,
      project_id: project.id,
      project_name: project.name,
      organisation_id: project.organisation_id,
      created_at: (entry.gone as GoneFeature | undefined)?.createdAt ?? 0,
      uuid: "",
      name_key: "",
      is_archived: 0,
      is_server_key_only: 0,
    };
    return [[row.id, row] as const];
  });
  return new Map(features);
}
