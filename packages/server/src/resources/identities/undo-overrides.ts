/** Takes changes of identities' overrides back: of one, or of all of them at once where another identity's were copied. */
import { z } from "zod";
import type { AuditEntry } from "../../changes/commit.ts";
import {
  beyondRestoring,
  changedSince,
  type RecordedChange,
  type UndoCall,
  type Undoers,
  undoing,
} from "../../http/undo.ts";
import { entry, type IdentityAdminDeps, type IdentityScope, MAY, scopeFor } from "./admin-scope.ts";
import { type Database, findIdentity } from "./identities-admin.store.ts";
import { overrideEntry } from "./override-changes.ts";
import {
  deleteOverride,
  findFeature,
  insertOverride,
  listOverrides,
  type OverrideRecord,
  optionIds,
  updateOverride,
  type Written,
} from "./overrides.store.ts";
import { auditedOverride, variantsOf } from "./present-override.ts";

/** As auditedOverride wrote it. */
const recordedSchema = z.object({
  feature: z.int(),
  environment: z.int(),
  identity: z.int(),
  enabled: z.boolean(),
  feature_state_value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  multivariate_feature_state_values: z.array(
    z.object({ multivariate_feature_option: z.int(), percentage_allocation: z.number() }),
  ),
  // Entries of before there were any do not have them.
  reason: z.string().nullable().default(null),
  expires_at: z.string().nullable().default(null),
  uuid: z.string(),
  hash_seed: z.string(),
});
type Recorded = z.output<typeof recordedSchema>;

interface Sets {
  readonly before: readonly Recorded[];
  readonly after: readonly Recorded[];
  readonly about: Recorded;
}

/** One override is a set of one; where there was none, of none. */
function readSets({ before, after }: RecordedChange): Sets | undefined {
  const [held, made] = [before, after].map((value) =>
    z.array(recordedSchema).safeParse(Array.isArray(value) ? value : value === null ? [] : [value]),
  );
  const about = made?.data?.[0] ?? held?.data?.[0];
  return held?.success && made?.success && about ? { before: held.data, after: made.data, about } : undefined;
}

/** What of an override can be changed, as text. */
function gist(
  enabled: boolean,
  value: unknown,
  variants: readonly (readonly [number, number])[],
  terms: readonly [reason: string | null, expiresAt: number | null],
): string {
  return JSON.stringify([enabled, value, [...variants].sort(([a], [b]) => a - b), terms]);
}

const gistOfRow = (row: OverrideRecord): string =>
  gist(
    row.enabled === 1,
    JSON.parse(row.value),
    variantsOf(row).map((variant) => [variant.option_id, variant.percentage_allocation]),
    [row.reason, row.expires_at],
  );

const endOf = ({ expires_at }: Recorded): number | null => (expires_at === null ? null : Date.parse(expires_at));

const gistOf = (recorded: Recorded): string =>
  gist(
    recorded.enabled,
    recorded.feature_state_value,
    recorded.multivariate_feature_state_values.map((share) => [
      share.multivariate_feature_option,
      share.percentage_allocation,
    ]),
    [recorded.reason, endOf(recorded)],
  );

const gists = (pairs: Iterable<readonly [number, string]>): string =>
  JSON.stringify([...pairs].sort(([a], [b]) => a - b));

function assertUnchanged(rows: readonly OverrideRecord[], after: readonly Recorded[]): void {
  const held = gists(rows.map((row) => [row.feature_id, gistOfRow(row)]));
  const recorded = gists(after.map((override) => [override.feature, gistOf(override)]));
  if (held !== recorded) throw changedSince();
}

/** The override as it was: changed back, or made again with the seed it had. */
async function putBack(
  trx: Database,
  { project, identity }: IdentityScope,
  recorded: Recorded,
  row: OverrideRecord | undefined,
  written: Written,
): Promise<OverrideRecord> {
  if (!(await findFeature(trx, project.id, recorded.feature))) throw beyondRestoring("a feature is gone.");
  const shares = recorded.multivariate_feature_state_values;
  const known = shares.length > 0 ? await optionIds(trx, recorded.feature) : new Set<number>();
  if (shares.some((share) => !known.has(share.multivariate_feature_option))) {
    throw beyondRestoring("a variant is gone.");
  }
  const variants = shares.map((share) => ({
    option_id: share.multivariate_feature_option,
    percentage_allocation: share.percentage_allocation,
  }));
  const values = {
    enabled: recorded.enabled,
    value: JSON.stringify(recorded.feature_state_value),
    variants,
    reason: recorded.reason,
    expires_at: endOf(recorded),
  };
  if (row) return updateOverride(trx, row, values, written);
  const { uuid, hash_seed } = recorded;
  return insertOverride(trx, identity, recorded.feature, values, written, { uuid, hash_seed });
}

/** The rows before and after, of the features that the sets are about. */
async function restore(trx: Database, scope: IdentityScope, { before, after }: Sets, whole: boolean, written: Written) {
  const features = new Set([...before, ...after].map((override) => override.feature));
  const all = await listOverrides(trx, scope.identity);
  const rows = whole ? all : all.filter((row) => features.has(row.feature_id));
  assertUnchanged(rows, after);
  const wanted = new Map(before.map((override) => [override.feature, override]));
  for (const row of rows) if (!wanted.has(row.feature_id)) await deleteOverride(trx, scope.identity, row.id);
  const restored: OverrideRecord[] = [];
  for (const override of before) {
    const row = rows.find((candidate) => candidate.feature_id === override.feature);
    restored.push(await putBack(trx, scope, override, row, written));
  }
  return { rows, restored };
}

async function entryOf(
  trx: Database,
  scope: IdentityScope,
  rows: readonly OverrideRecord[],
  restored: readonly OverrideRecord[],
  whole: boolean,
): Promise<AuditEntry> {
  const { identity, project } = scope;
  if (whole) {
    const shown = (each: readonly OverrideRecord[]) => each.map((row) => auditedOverride(row, identity.id));
    const change = { action: "UPDATE" as const, objectType: "identity", objectId: identity.id, log: "" };
    const subjects = [...rows, ...restored].map((row) => ({ type: "feature", id: String(row.feature_id) }));
    return entry(scope, identity.identifier, { ...change, before: shown(rows), after: shown(restored), subjects });
  }
  const [held] = rows;
  const [made] = restored;
  const id = (made ?? held)?.feature_id ?? 0;
  const feature = await findFeature(trx, project.id, id);
  return overrideEntry(scope, feature ?? { id, name: String(id) }, [held ?? null, made ?? null]);
}

async function undo({ changes, now }: IdentityAdminDeps, change: RecordedChange, { access, audited }: UndoCall) {
  const sets = readSets(change);
  if (!sets) throw beyondRestoring("the entry does not say enough.");
  const environment = await scopeFor(access, sets.about.environment, MAY.override);
  const whole = change.objectType === "identity";
  await changes.commit(audited, async (trx) => {
    const identity = await findIdentity(trx, environment.environment.id, sets.about.identity);
    if (!identity) throw beyondRestoring("the identity is gone.");
    const scope = { ...environment, identity };
    const { rows, restored } = await restore(trx, scope, sets, whole, { by: audited.actor, now: now() });
    const made = await entryOf(trx, scope, rows, restored, whole);
    return { result: undefined, entries: [undoing(change, made)], environments: [environment.environment.id] };
  });
}

export function addOverrideUndoers(undoers: Undoers, deps: IdentityAdminDeps): void {
  const isFor = (change: RecordedChange): boolean => readSets(change) !== undefined;
  for (const objectType of ["identity_override", "identity"]) {
    undoers.add(objectType, { isFor, undo: (change, call) => undo(deps, change, call) });
  }
}
