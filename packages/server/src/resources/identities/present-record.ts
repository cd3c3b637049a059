/** An identity by its identifier as the admin side shows it, and the tag that a writer must have seen. */
import type { IdentityRecord, RecordTrait } from "@burgee/contract/admin";
import { isWholeFloat } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import { isoMicros } from "../../documents/load.ts";
import { etagOf, type Tagged } from "../../http/precondition.ts";
import type { Traits } from "./effective-traits.ts";
import type { AdminIdentity } from "./identities-admin.store.ts";
import { traitsOf } from "./present-admin-trait.ts";

const DAY_MS = 86_400_000;

export function presentRecordTrait(key: string, value: Exclude<TraitValue, null>): RecordTrait {
  if (typeof value === "string") return { key, type: "string", value };
  if (typeof value === "boolean") return { key, type: "boolean", value };
  if (isWholeFloat(value)) return { key, type: "float", value: value.float };
  const number = value as number;
  return { key, type: Number.isInteger(number) ? "integer" : "float", value: number };
}

/** By key. */
export const presentRecordTraits = (traits: Traits): RecordTrait[] =>
  Object.keys(traits)
    .sort()
    .flatMap((key) => {
      const value = traits[key] ?? null;
      return value === null ? [] : [presentRecordTrait(key, value)];
    });

export interface RecordView {
  readonly overrideCount: number;
  readonly showsTraits: boolean;
}

function presentRecord(row: AdminIdentity, { overrideCount, showsTraits }: RecordView): IdentityRecord {
  return {
    id: row.id,
    identifier: row.identifier,
    environment: row.environment_id,
    created_date: isoMicros(row.created_at, "Z"),
    last_seen: new Date(row.last_seen_day * DAY_MS).toISOString().slice(0, 10),
    traits: showsTraits ? presentRecordTraits(traitsOf(row)) : [],
    traits_hidden: !showsTraits,
    override_count: overrideCount,
  };
}

/** Of what a write can change: being seen again, or overridden, does not make the writer's copy an old one. */
export const tagRecord = (row: AdminIdentity, view: RecordView): Tagged => ({
  etag: etagOf(row.id, row.identifier, row.traits),
  body: presentRecord(row, view),
});
