/** Looks for clashes of a plan with what is there, inside the transaction it is given. */
import type { Transaction } from "kysely";
import type { Tables } from "../../db/tables.ts";
import type { ImportPlan, PlannedFeature, PlannedOption } from "./import-plan.ts";
import { refuse } from "./import-problems.ts";

export type Trx = Transaction<Tables>;

/** Rows a statement; far below both databases' limits on parameters. */
const CHUNK = 500;

export function chunks<T>(items: readonly T[], size = CHUNK): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size));
  return out;
}

type IdTable = "features" | "multivariate_options" | "segments" | "feature_states" | "multivariate_state_values";

/** Rows of `table` whose id is among `ids`. */
async function existing<T extends IdTable>(trx: Trx, table: T, ids: readonly number[]) {
  const found: { id: number }[] = [];
  for (const part of chunks(ids)) {
    const rows = await trx
      .selectFrom(table as "features")
      .selectAll()
      .where("id", "in", part)
      .execute();
    found.push(...rows);
  }
  // The tables were asked as one of them; each row is its own table's.
  return found as unknown as (Omit<Tables[T], "id"> & { id: number })[];
}

/** Same organisation and project as before are taken over; another one under the same id is a clash. */
export async function checkOwners(
  trx: Trx,
  { document }: ImportPlan,
): Promise<{ organisation: boolean; project: boolean }> {
  const { organisation, ...project } = document.project;
  const heldOrganisation = await trx
    .selectFrom("organisations")
    .select("name")
    .where("id", "=", organisation.id)
    .executeTakeFirst();
  if (heldOrganisation && heldOrganisation.name !== organisation.name) {
    refuse(
      "project.organisation.id",
      `organisation ${organisation.id} exists already and is "${heldOrganisation.name}"`,
    );
  }
  const heldProject = await trx.selectFrom("projects").selectAll().where("id", "=", project.id).executeTakeFirst();
  if (heldProject && (heldProject.name !== project.name || heldProject.organisation_id !== organisation.id)) {
    refuse("project.id", `project ${project.id} exists already and is "${heldProject.name}"`);
  }
  return { organisation: heldOrganisation !== undefined, project: heldProject !== undefined };
}

export async function checkEnvironment(trx: Trx, { document }: ImportPlan, serverKey: string): Promise<void> {
  const held = await trx
    .selectFrom("environments")
    .select(["id", "name", "api_key", "project_id"])
    .where((where) =>
      where.or([
        where("id", "=", document.id),
        where("api_key", "=", document.api_key),
        where.and([where("project_id", "=", document.project.id), where("name", "=", document.name)]),
      ]),
    )
    .execute();
  for (const row of held) {
    if (row.id === document.id) refuse("id", `environment ${row.id} exists already ("${row.name}")`);
    if (row.api_key === document.api_key) refuse("api_key", `environment ${row.id} uses this key already`);
    refuse("name", `project ${row.project_id} has an environment "${row.name}" already (${row.id})`);
  }
  const key = await trx.selectFrom("environment_keys").select("id").where("key", "=", serverKey).executeTakeFirst();
  if (key) refuse("", "the server key is in use already; name another with --server-key");
}

/** Returns the features that are new; an existing one of the same project and name is shared. */
export async function checkFeatures(trx: Trx, plan: ImportPlan): Promise<PlannedFeature[]> {
  const projectId = plan.document.project.id;
  const byId = new Map(
    (
      await existing(
        trx,
        "features",
        plan.features.map((f) => f.id),
      )
    ).map((row) => [row.id, row]),
  );
  const names = await trx
    .selectFrom("features")
    .select(["id", "name_key"])
    .where("project_id", "=", projectId)
    .execute();
  const byName = new Map(names.map((row) => [row.name_key, row.id]));
  return plan.features.filter((feature) => {
    const held = byId.get(feature.id);
    if (held && held.project_id === projectId && held.name === feature.name) return false;
    if (held)
      refuse(
        `${feature.path}.id`,
        `feature ${feature.id} exists already and is "${held.name}" of project ${held.project_id}`,
      );
    const clash = byName.get(feature.name.toLowerCase());
    if (clash !== undefined)
      refuse(`${feature.path}.name`, `project ${projectId} has a feature "${feature.name}" already (${clash})`);
    return true;
  });
}

export async function checkOptions(trx: Trx, plan: ImportPlan): Promise<PlannedOption[]> {
  const ids = plan.options.map((option) => option.id);
  const byId = new Map((await existing(trx, "multivariate_options", ids)).map((row) => [row.id, row]));
  return plan.options.filter((option) => {
    const held = byId.get(option.id);
    if (!held) return true;
    if (held.feature_id === option.featureId && held.value === option.value && held.key === option.key) return false;
    return refuse(
      `${option.path}.id`,
      `multivariate option ${option.id} exists already with another feature, value or key`,
    );
  });
}

/** Returns the positions of the segments that are new. */
export async function checkSegments(trx: Trx, { document }: ImportPlan): Promise<number[]> {
  const { segments, id: projectId } = document.project;
  const ids = segments.map((segment) => segment.id);
  const byId = new Map((await existing(trx, "segments", ids)).map((row) => [row.id, row]));
  return segments.flatMap((segment, i) => {
    const held = byId.get(segment.id);
    if (!held) return [i];
    if (held.project_id === projectId && held.name === segment.name && held.rules === JSON.stringify(segment.rules))
      return [];
    return refuse(
      `project.segments[${i}].id`,
      `segment ${segment.id} exists already and is "${held.name}" of project ${held.project_id}`,
    );
  });
}

export async function checkStates(trx: Trx, plan: ImportPlan): Promise<void> {
  const held = new Set<number>();
  const ids = plan.states.flatMap((state) => state.id ?? []);
  for (const row of await existing(trx, "feature_states", ids)) held.add(row.id);
  for (const state of plan.states) {
    if (state.id !== null && held.has(state.id))
      refuse(`${state.path}.django_id`, `feature state ${state.id} exists already`);
  }
  const values = plan.states.flatMap((state) =>
    state.variants.map((variant, i) => ({
      id: variant.id,
      path: `${state.path}.multivariate_feature_state_values[${i}].id`,
    })),
  );
  const heldValues = new Set(
    (
      await existing(
        trx,
        "multivariate_state_values",
        values.flatMap(({ id }) => id ?? []),
      )
    ).map((row) => row.id),
  );
  for (const { id, path } of values) {
    if (id !== null && id !== undefined && heldValues.has(id)) refuse(path, `multivariate value ${id} exists already`);
  }
}

export async function checkIdentities(trx: Trx, plan: ImportPlan): Promise<void> {
  const check = async (
    table: "identities" | "identity_overrides",
    entries: readonly { id: number | null; path: string }[],
  ) => {
    const paths = new Map(entries.flatMap(({ id, path }) => (id === null ? [] : [[id, path] as const])));
    for (const ids of chunks([...paths.keys()])) {
      const row = await trx.selectFrom(table).select("id").where("id", "in", ids).executeTakeFirst();
      if (row)
        refuse(
          `${paths.get(row.id)}.django_id`,
          `${table === "identities" ? "identity" : "identity override"} ${row.id} exists already`,
        );
    }
  };
  await check("identities", plan.identities);
  await check("identity_overrides", plan.overrides);
}
