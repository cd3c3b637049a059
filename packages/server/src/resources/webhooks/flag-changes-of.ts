/** Which flags a commit changed, and from what to what, read from what it tells the audit log. */
import { z } from "zod";
import type { AuditEntry, Written } from "../../changes/commit.ts";
import { type Database, findOverrideById, readStates, type StoredState } from "./events.store.ts";

/** As the audit log holds a feature state, of an environment, a segment or an identity. */
const heldSchema = z.object({
  id: z.int(),
  feature: z.int(),
  environment: z.int(),
  enabled: z.boolean(),
  feature_state_value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  multivariate_feature_state_values: z.array(
    z.object({
      id: z.int().optional(),
      multivariate_feature_option: z.int(),
      percentage_allocation: z.number(),
    }),
  ),
  segment: z.int().nullish(),
  priority: z.int().nullish(),
  identity: z.int().nullish(),
});
export type Held = z.output<typeof heldSchema>;

export interface FlagChange {
  readonly environmentId: number;
  readonly featureId: number;
  /** Of an identity's override. */
  readonly identifier: string | null;
  readonly before: Held | null;
  /** null: gone. */
  readonly after: Held | null;
}

/** Of a feature that is deleted, since nothing of it can be looked up any more. */
export interface GoneFeature {
  readonly createdAt: number;
  readonly options: readonly { readonly id: number; readonly value: string }[];
  readonly states: readonly Held[];
}

const held = (value: unknown): Held | null => heldSchema.safeParse(value).data ?? null;

export const heldState = (row: StoredState): Held => ({
  id: row.id,
  feature: row.feature_id,
  environment: row.environment_id,
  enabled: row.enabled === 1,
  feature_state_value: JSON.parse(row.value) as Held["feature_state_value"],
  multivariate_feature_state_values: row.shares.map((share) => ({
    id: share.id,
    multivariate_feature_option: share.multivariate_option_id,
    percentage_allocation: share.percentage_allocation,
  })),
  segment: row.segment_id,
  priority: row.priority,
});

function changeOf(before: Held | null, after: Held | null, identifier: string | null = null): FlagChange[] {
  const about = after ?? before;
  if (!about) return [];
  return [{ environmentId: about.environment, featureId: about.feature, identifier, before, after }];
}

/** An identity's subject is ENVIRONMENT:IDENTIFIER. */
function identifierOf({ subjects = [] }: AuditEntry): string | null {
  const subject = subjects.find(({ type }) => type === "identity")?.id;
  return subject?.slice(subject.indexOf(":") + 1) ?? null;
}

const listOf = (value: unknown): Held[] => (Array.isArray(value) ? value.flatMap((item) => held(item) ?? []) : []);

const isSame = (before: Held | undefined, after: Held | undefined): boolean =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(after);

/** All of an identity's overrides were exchanged at once; some may have stayed as they were. */
function exchanged(entry: AuditEntry): FlagChange[] {
  const before = new Map(listOf(entry.before).map((state) => [state.feature, state]));
  const after = new Map(listOf(entry.after).map((state) => [state.feature, state]));
  const features = new Set([...before.keys(), ...after.keys()]);
  return [...features]
    .filter((feature) => !isSame(before.get(feature), after.get(feature)))
    .flatMap((feature) => changeOf(before.get(feature) ?? null, after.get(feature) ?? null, identifierOf(entry)));
}

interface StoredVariant {
  readonly id: number;
  readonly option_id: number;
  readonly percentage_allocation: number;
}

/** The row stays when an override's time is over, but it counts no more. */
async function expired(db: Database, entry: AuditEntry): Promise<FlagChange[]> {
  const row = await findOverrideById(db, entry.environmentId ?? 0, Number(entry.objectId));
  if (!row) return [];
  const before: Held = {
    id: row.id,
    feature: row.feature_id,
    environment: row.environment_id,
    enabled: row.enabled === 1,
    feature_state_value: JSON.parse(row.value) as Held["feature_state_value"],
    multivariate_feature_state_values: (JSON.parse(row.variants) as StoredVariant[]).map((variant) => ({
      id: variant.id,
      multivariate_feature_option: variant.option_id,
      percentage_allocation: variant.percentage_allocation,
    })),
    identity: row.identity_id,
  };
  return changeOf(before, null, row.identifier);
}

const hasExpired = ({ before, after }: AuditEntry): boolean => {
  const flag = z.object({ is_expired: z.boolean() });
  return flag.safeParse(after).data?.is_expired === true && flag.safeParse(before).data?.is_expired === false;
};

async function ofFeature(db: Database, entry: AuditEntry): Promise<FlagChange[]> {
  if (entry.action === "CREATE") {
    const states = await readStates(db, Number(entry.objectId));
    return states.filter((row) => row.feature_segment_id === null).flatMap((row) => changeOf(null, heldState(row)));
  }
  const gone = entry.gone as GoneFeature | undefined;
  return (entry.action === "DELETE" && gone ? gone.states : []).flatMap((state) => changeOf(state, null));
}

async function ofEntry(db: Database, entry: AuditEntry): Promise<FlagChange[]> {
  switch (entry.objectType) {
    case "feature_state":
      return changeOf(held(entry.before), held(entry.after));
    case "identity_override":
      if (hasExpired(entry)) return expired(db, entry);
      return changeOf(held(entry.before), held(entry.after), identifierOf(entry));
    case "identity":
      return entry.action === "UPDATE" ? exchanged(entry) : [];
    case "feature":
      return ofFeature(db, entry);
    default:
      return [];
  }
}

export async function flagChangesOf(db: Database, { entries }: Written): Promise<FlagChange[]> {
  const changes: FlagChange[] = [];
  for (const entry of entries) changes.push(...(await ofEntry(db, entry)));
  return changes;
}
