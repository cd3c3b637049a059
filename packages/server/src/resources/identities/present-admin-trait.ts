/** Traits as the admin side shows and reads them: typed, one field a type, and numbered. */
import type { TraitPatch } from "@burgee/contract/admin";
import { isWholeFloat, wholeFloat } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import { isoMicros } from "../../documents/load.ts";
import { badRequest } from "../../http/admin-door.ts";
import type { Traits } from "./effective-traits.ts";
import type { AdminIdentity } from "./identities-admin.store.ts";
import { traitId } from "./present-identity.ts";
import { readStoredTraits } from "./stored-traits.ts";

export const traitsOf = ({ traits }: AdminIdentity): Traits =>
  readStoredTraits(typeof traits === "string" ? traits : JSON.stringify(traits));

/** Keys by id. Two keys with one hash are told apart by their order, so an id names one trait of one identity. */
function keysById(traits: Traits): Map<number, string> {
  const keys = new Map<number, string>();
  for (const key of Object.keys(traits).sort()) {
    let id = traitId(key);
    while (keys.has(id)) id += 1;
    keys.set(id, key);
  }
  return keys;
}

function typeOf(value: TraitValue): "unicode" | "bool" | "int" | "float" {
  if (typeof value === "string") return "unicode";
  if (typeof value === "boolean") return "bool";
  return isWholeFloat(value) || (typeof value === "number" && !Number.isInteger(value)) ? "float" : "int";
}

export function presentTrait(identity: AdminIdentity, id: number, key: string, value: TraitValue) {
  const type = typeOf(value);
  return {
    id,
    trait_key: key,
    value_type: type,
    integer_value: type === "int" ? value : null,
    string_value: type === "unicode" ? value : null,
    boolean_value: type === "bool" ? value : null,
    float_value: type === "float" ? (isWholeFloat(value) ? value.float : value) : null,
    created_date: isoMicros(identity.created_at, "Z"),
  };
}

export type PresentedTrait = ReturnType<typeof presentTrait>;

/** In the order of their keys. */
export function presentAllTraits(identity: AdminIdentity): PresentedTrait[] {
  const traits = traitsOf(identity);
  return [...keysById(traits)].map(([id, key]) => presentTrait(identity, id, key, traits[key] ?? null));
}

/** The value that `value_type` says counts; "unicode" where it says nothing. */
export function chosenValue(body: TraitPatch): TraitValue {
  const type = body.value_type ?? "unicode";
  const missing = (field: string) => badRequest({ [field]: ["This field is required."] });
  if (type === "int") {
    if (typeof body.integer_value !== "number") throw missing("integer_value");
    return body.integer_value;
  }
  if (type === "bool") {
    if (typeof body.boolean_value !== "boolean") throw missing("boolean_value");
    return body.boolean_value;
  }
  if (type === "float") {
    if (typeof body.float_value !== "number") throw missing("float_value");
    return Number.isInteger(body.float_value) ? wholeFloat(body.float_value) : body.float_value;
  }
  if (typeof body.string_value !== "string") throw missing("string_value");
  return body.string_value;
}

/** What the body leaves out stays as it is. */
export function valueAfter(body: TraitPatch, before: PresentedTrait): TraitValue {
  const fields = ["value_type", "integer_value", "string_value", "boolean_value", "float_value"] as const;
  const merged: Record<string, unknown> = { ...before };
  for (const field of fields) if (body[field] !== undefined && body[field] !== null) merged[field] = body[field];
  return chosenValue(merged as TraitPatch);
}
