/** Every environment of a project has one default state of every feature, and every state a row for every variant. */
import { randomUUID } from "node:crypto";
import { sql, type Transaction } from "kysely";
import type { Json, Tables } from "./tables.ts";

type Trx = Transaction<Tables>;

/** Rows a statement; far below both databases' limits on parameters. */
const PART = 500;

function parts<T>(items: readonly T[]): T[][] {
  const made: T[][] = [];
  for (let start = 0; start < items.length; start += PART) made.push(items.slice(start, start + PART));
  return made;
}

export interface NewState {
  readonly featureId: number;
  readonly environmentId: number;
  /** null = environment default. */
  readonly featureSegmentId: number | null;
  readonly enabled: boolean;
  /** A JSON scalar. */
  readonly value: Json;
  /** In the order they are laid out. */
  readonly variants: readonly { readonly optionId: number; readonly percentage: number }[];
}

/** Inserts states whose hash seed is their own id, with their variants' rows. Returns the ids in the order given. */
export async function insertStates(trx: Trx, states: readonly NewState[], now: number): Promise<number[]> {
  const ids: number[] = [];
  for (const part of parts(states)) {
    const rows = part.map((state) => ({
      uuid: randomUUID(),
      feature_id: state.featureId,
      environment_id: state.environmentId,
      feature_segment_id: state.featureSegmentId,
      enabled: state.enabled ? 1 : 0,
      value: state.value,
      hash_seed: "",
      created_at: now,
      updated_at: now,
    }));
    const made = await trx.insertInto("feature_states").values(rows).returning(["id", "uuid"]).execute();
    const byUuid = new Map(made.map((row) => [row.uuid, row.id]));
    ids.push(...rows.map((row) => byUuid.get(row.uuid) as number));
    await trx
      .updateTable("feature_states")
      .set({ hash_seed: sql<string>`cast(id as text)` })
      .where("id", "in", [...byUuid.values()])
      .execute();
  }
  const values = states.flatMap(({ variants }, i) =>
    variants.map(({ optionId, percentage }) => ({
      uuid: randomUUID(),
      feature_state_id: ids[i] as number,
      multivariate_option_id: optionId,
      percentage_allocation: percentage,
    })),
  );
  for (const part of parts(values)) await trx.insertInto("multivariate_state_values").values(part).execute();
  return ids;
}

/** What new environments start a feature with. A project may forbid that, and then a feature starts off and empty. */
export interface FeatureDefaults {
  readonly enabled: boolean;
  /** A JSON scalar. */
  readonly value: Json;
}

interface DefaultSource {
  readonly id: number;
  readonly default_enabled: number;
  readonly initial_value: string | null;
}

const wholeNumber = /^\s*[-+]?\d{1,10}\s*$/;

/** An initial value is text; a state's is typed: "12" becomes 12 and "true" becomes true, as Flagsmith reads them. */
function typedValue(text: string | null): Json {
  if (text === null) return "null";
  const number = wholeNumber.test(text) ? Number(text) : Number.NaN;
  if (number >= -2147483648 && number <= 2147483647) return JSON.stringify(number);
  if (/^(?:[tT]rue|[fF]alse)$/.test(text)) return text.toLowerCase();
  return JSON.stringify(text);
}

export function defaultsOf(feature: DefaultSource, preventFlagDefaults: boolean): FeatureDefaults {
  if (preventFlagDefaults) return { enabled: false, value: "null" };
  return { enabled: feature.default_enabled === 1, value: typedValue(feature.initial_value) };
}

/** For a new environment: the default states of all features of its project. */
export async function insertDefaultStates(
  trx: Trx,
  {
    environmentId,
    projectId,
    preventFlagDefaults,
  }: { environmentId: number; projectId: number; preventFlagDefaults: boolean },
  now: number,
): Promise<void> {
  const features = await trx
    .selectFrom("features")
    .select(["id", "default_enabled", "initial_value"])
    .where("project_id", "=", projectId)
    .orderBy("id")
    .execute();
  const options = await trx
    .selectFrom("multivariate_options as o")
    .innerJoin("features as f", "f.id", "o.feature_id")
    .where("f.project_id", "=", projectId)
    .select(["o.id", "o.feature_id", "o.default_percentage_allocation"])
    .orderBy("o.id")
    .execute();
  const byFeature = Map.groupBy(options, (option) => option.feature_id);
  const states = features.map((feature) => ({
    featureId: feature.id,
    environmentId,
    featureSegmentId: null,
    ...defaultsOf(feature, preventFlagDefaults),
    variants: (byFeature.get(feature.id) ?? []).map((option) => ({
      optionId: option.id,
      percentage: option.default_percentage_allocation,
    })),
  }));
  await insertStates(trx, states, now);
}
