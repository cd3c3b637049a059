/** What finding identities is built on; docs/adr/0008-identity-search.md. */
import type { Generated } from "kysely";
import type { Flag, Json, Millis } from "./tables.ts";

/** The index's way to say string, number or boolean. */
export type TraitType = "string" | "number" | "boolean";

/** A key of an environment's traits, once for each type its values have. */
export interface TraitKeysTable {
  id: Generated<number>;
  environment_id: number;
  key: string;
  type: TraitType;
  /** Identities that have it so, as of the index. */
  count: number;
  first_seen_at: Millis;
  /** When an identity that has it was last written. */
  last_seen_at: Millis;
}

/** Strings among traits. Refers to nothing: a deleted environment's rows are taken away little by little. */
export interface TraitTextsTable {
  environment_id: number;
  key_id: number;
  /** Its first 256 characters. */
  value: string;
  identity_id: number;
}

/** Numbers among traits, and booleans as 0 and 1. */
export interface TraitNumbersTable {
  environment_id: number;
  key_id: number;
  value: number;
  identity_id: number;
}

/** Identities that the index does not have as they are; written by triggers, in the transaction of the change. */
export interface IdentityChangesTable {
  seq: Generated<number>;
  environment_id: number;
  identity_id: number;
  /** Before the change; null for a new identity. */
  traits: Json | null;
  /** New, renamed or deleted. */
  is_renamed: Flag;
}

/** Environments whose identities were there before the index: those up to `next_id` are in it. */
export interface IdentityFillTable {
  environment_id: number;
  next_id: number;
  last_id: number;
}

/** Environments that were deleted, and whose entries are still to be taken out. */
export interface IdentitySweepsTable {
  environment_id: number;
  next_id: number;
}

/** What people noted about a trait. */
export interface TraitNotesTable {
  environment_id: number;
  key: string;
  description: string | null;
  is_personal: Flag;
}

export interface SearchTables {
  trait_keys: TraitKeysTable;
  trait_texts: TraitTextsTable;
  trait_numbers: TraitNumbersTable;
  identity_changes: IdentityChangesTable;
  identity_fill: IdentityFillTable;
  identity_sweeps: IdentitySweepsTable;
  trait_notes: TraitNotesTable;
}
