/** Writes a plan's identities and their overrides. */
import { randomUUID } from "node:crypto";
import { chunks } from "./import-checks.ts";
import type { PlannedOverride } from "./import-plan.ts";
import type { WriteContext } from "./write-import.ts";

const flag = (value: boolean): number => (value ? 1 : 0);
const DAY_MS = 86_400_000;

function overrideRow(override: PlannedOverride, environmentId: number, now: number) {
  return {
    environment_id: environmentId,
    identifier: override.identifier,
    feature_id: override.featureId,
    ...(override.id === null ? {} : { id: override.id }),
    uuid: override.uuid,
    enabled: override.enabled,
    value: override.value,
    hash_seed: override.hashSeed,
    variants: JSON.stringify(
      override.variants.map((variant, i) => ({
        id: variant.id ?? i + 1,
        uuid: variant.mv_fs_value_uuid ?? randomUUID(),
        option_id: variant.multivariate_feature_option.id,
        percentage_allocation: variant.percentage_allocation,
      })),
    ),
    created_at: now,
    updated_at: now,
  };
}

export async function writeIdentities(context: WriteContext): Promise<void> {
  const { trx, plan, now } = context;
  const environmentId = plan.document.id;
  const overridden = new Set(plan.overrides.map((override) => override.identifier));
  for (const withId of [true, false]) {
    for (const part of chunks(plan.identities.filter(({ id }) => (id !== null) === withId))) {
      const rows = part.map(({ identifier, id, createdAt }) => ({
        environment_id: environmentId,
        identifier,
        ...(id === null ? {} : { id }),
        traits: "{}",
        has_overrides: flag(overridden.has(identifier)),
        created_at: createdAt ?? now,
        last_seen_day: Math.floor((createdAt ?? now) / DAY_MS),
      }));
      await trx.insertInto("identities").values(rows).execute();
    }
  }
  let done = 0;
  for (const withId of [true, false]) {
    for (const part of chunks(plan.overrides.filter(({ id }) => (id !== null) === withId))) {
      await trx
        .insertInto("identity_overrides")
        .values(part.map((override) => overrideRow(override, environmentId, now)))
        .execute();
      done += part.length;
      context.onProgress(plan.states.length + done, plan.states.length + plan.overrides.length);
    }
  }
}
