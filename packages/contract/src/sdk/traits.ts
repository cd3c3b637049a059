/** The older trait routes: POST traits/, PUT traits/bulk/, POST traits/increment-value/ and the one with the key in its path. */
import type { TraitValue } from "@burgee/engine";
import * as drf from "../drf/index.ts";
import { pythonTypeName } from "../python/python-text.ts";
import { type Reading, readWith, refusal } from "./result.ts";
import { maxIdentifier, maxTraitKey, type PresentTraitValue, traitValue } from "./trait-value.ts";

/** One trait of one identity. `value` null asks for deletion, which only the bulk route knows. */
export interface TraitInput {
  identifier: string;
  key: string;
  value: TraitValue;
}

const identifier = drf.string({ maxLength: maxIdentifier }).describe("Whose trait it is, trimmed.");
const traitKey = drf.string({ maxLength: maxTraitKey }).describe("Name of the trait, trimmed.");
const identity = drf.object({ identifier }).describe("The identity, made if there is none.");

export const traitInputSchema = drf.object({
  identity,
  trait_value: traitValue().describe("Text, int, float or boolean; not null."),
  trait_key: traitKey,
});

const deletionSchema = drf.object({ identity, trait_key: traitKey });

export const incrementSchema = drf.object({
  trait_key: traitKey,
  increment_by: drf.integer().describe("What to add; may be negative."),
  identifier,
});

/** Reads POST traits/. Null is refused here. Never throws. */
export function readTrait(body: unknown): Reading<TraitInput> {
  const reading = readWith(traitInputSchema, body);
  return reading.ok ? { ok: true, value: toInput(reading.value) } : reading;
}

interface SentTraitInput {
  identity: { identifier: string };
  trait_key: string;
  trait_value: PresentTraitValue;
}

function toInput({ identity, trait_key, trait_value }: SentTraitInput): TraitInput {
  return { identifier: identity.identifier, key: trait_key, value: trait_value };
}

const unusable = { detail: "Invalid request data" };

/**
 * Reads PUT traits/bulk/. Items with a null value are deletions and keep their place in the result. Errors are listed by
 * position among the other items only, as Flagsmith does. An item without trait_value is an error, not a deletion (there
 * Flagsmith deletes); a deletion that names no identity or no key is a 400 (there it is a 500). Never throws.
 */
export function readBulkTraits(body: unknown): Reading<TraitInput[]> {
  if (isEmptyDictionary(body)) return { ok: true, value: [] };
  if (!Array.isArray(body) || !body.every((item) => pythonTypeName(item) === "dict")) return refusal(unusable);
  const kept = body.filter((item) => !isDeletion(item));
  const reading = readWith(drf.many(traitInputSchema), kept);
  if (!reading.ok) return reading;
  const inputs: TraitInput[] = [];
  const values = reading.value.values();
  for (const item of body) {
    const input = isDeletion(item) ? readDeletion(item) : toNext(values);
    if (input === undefined) return refusal(unusable);
    inputs.push(input);
  }
  return { ok: true, value: inputs };
}

/** Those of a refused body: Flagsmith deletes before it looks at the rest. None of one that is unusable as a whole. */
export function readBulkDeletions(body: unknown): TraitInput[] {
  if (!Array.isArray(body) || !body.every((item) => pythonTypeName(item) === "dict")) return [];
  const deletions = body.filter(isDeletion).map(readDeletion);
  const read = deletions.filter((deletion) => deletion !== undefined);
  return read.length === deletions.length ? read : [];
}

function isEmptyDictionary(body: unknown): boolean {
  return pythonTypeName(body) === "dict" && Object.keys(body as object).length === 0;
}

function isDeletion(item: object): boolean {
  return Reflect.get(item, "trait_value") === null;
}

function readDeletion(item: unknown): TraitInput | undefined {
  const parsed = drf.parse(deletionSchema, item);
  if (!parsed.ok) return undefined;
  return { identifier: parsed.value.identity.identifier, key: parsed.value.trait_key, value: null };
}

function toNext(values: Iterator<SentTraitInput>): TraitInput | undefined {
  const next = values.next();
  return next.done ? undefined : toInput(next.value);
}

/** What to add to an int trait. */
export interface Increment {
  identifier: string;
  key: string;
  by: number;
}

/** Reads POST traits/increment-value/. Never throws. */
export function readIncrement(body: unknown): Reading<Increment> {
  const reading = readWith(incrementSchema, body);
  if (!reading.ok) return reading;
  const { identifier, trait_key, increment_by } = reading.value;
  return { ok: true, value: { identifier, key: trait_key, by: increment_by } };
}

const legacySchema = drf.object({ trait_value: traitValue() });

/** Reads the body of POST identities/{identifier}/traits/{key}: the value alone; its absence has a text of its own. */
export function readLegacyTrait(body: unknown): Reading<PresentTraitValue> {
  if (pythonTypeName(body) === "dict" && !Object.hasOwn(body as object, "trait_value")) {
    return refusal({ detail: "Trait value not provided" });
  }
  const reading = readWith(legacySchema, body);
  return reading.ok ? { ok: true, value: reading.value.trait_value } : reading;
}
