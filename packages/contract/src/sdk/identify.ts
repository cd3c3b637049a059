/** POST /identities/: the hottest route. Plainly well-formed bodies are read by hand, every other one by the schema. */
import type { TraitValue } from "@burgee/engine";
import type { z } from "zod";
import * as drf from "../drf/index.ts";
import { isPythonSpace } from "../python/python-text.ts";
import { type Reading, readWith } from "./result.ts";
import { isTraitInt, maxIdentifier, maxTraitKey, maxTraitText, traitValue } from "./trait-value.ts";

/** One trait of a request. `value` null asks for deletion. */
export interface SentTrait {
  key: string;
  value: TraitValue;
  transient: boolean;
}

/** Whom a request identifies. `identifier` null is an anonymous identity. Keys may repeat among traits: the last wins. */
export interface Identify {
  identifier: string | null;
  transient: boolean;
  traits: SentTrait[];
}

/** null is read as absent, which Flagsmith refuses; its published OpenAPI allows it, and no SDK needs the refusal. */
const transient = drf.boolean().nullish().describe("Use for this evaluation only, store nothing. False unless given.");

export const traitSchema = drf.object({
  trait_key: drf.string({ maxLength: maxTraitKey }).describe("Name of the trait, trimmed."),
  trait_value: traitValue().nullable().describe("Text, int, float or boolean; null deletes the stored trait."),
  transient,
});

export const identifySchema = drf.object({
  identifier: drf
    .string({ allowBlank: true, maxLength: maxIdentifier })
    .nullish()
    .describe("Who is asking, trimmed. Blank, null or absent: an anonymous identity, never stored."),
  transient,
  traits: drf.many(traitSchema).nullish().describe("Traits to set, merged into those already stored."),
});

/** Reads a parsed body of POST /identities/ (and of one item of bulk-identities). Never throws. */
export function readIdentify(body: unknown): Reading<Identify> {
  const value = readPlainIdentify(body);
  return value === undefined ? readIdentifyBySchema(body) : { ok: true, value };
}

/** The whole rule. {@link readIdentify} answers the same, faster. */
export function readIdentifyBySchema(body: unknown): Reading<Identify> {
  const reading = readWith(identifySchema, body);
  if (!reading.ok) return reading;
  return { ok: true, value: toIdentify(reading.value) };
}

function toIdentify({ identifier, transient, traits }: z.output<typeof identifySchema>): Identify {
  return {
    identifier: identifier || null,
    transient: transient ?? false,
    traits: (traits ?? []).map((trait) => ({
      key: trait.trait_key,
      value: trait.trait_value,
      transient: trait.transient ?? false,
    })),
  };
}

/** Items of one bulk request, where the one client that sends any stops too. */
export const maxBulkIdentities = 100;

export const bulkIdentifySchema = drf.object({
  data: drf
    .many(identifySchema, { maxLength: maxBulkIdentities })
    .describe("Whom to identify, each as POST identities/."),
});

/** Reads POST bulk-identities/. Never throws. */
export function readBulkIdentify(body: unknown): Reading<Identify[]> {
  const reading = readWith(bulkIdentifySchema, body);
  return reading.ok ? { ok: true, value: reading.value.data.map(toIdentify) } : reading;
}

/** Undefined when anything at all needs coercion, trimming or a message. */
function readPlainIdentify(body: unknown): Identify | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const { identifier, transient = false, traits: sent = [] } = body as Record<string, unknown>;
  if (typeof transient !== "boolean" || !isTrimmedText(identifier, maxIdentifier) || !Array.isArray(sent)) {
    return undefined;
  }
  const traits: SentTrait[] = [];
  for (const item of sent) {
    const trait = readPlainTrait(item);
    if (trait === undefined) return undefined;
    traits.push(trait);
  }
  return { identifier, transient, traits };
}

function readPlainTrait(item: unknown): SentTrait | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const { trait_key: key, trait_value: value, transient = false } = item as Record<string, unknown>;
  if (typeof transient !== "boolean" || !isTrimmedText(key, maxTraitKey) || !isPlainValue(value)) return undefined;
  return { key, value, transient };
}

function isPlainValue(value: unknown): value is string | number | boolean | null {
  switch (typeof value) {
    case "string":
      return value.length <= maxTraitText && isStorable(value);
    case "number":
      return Number.isInteger(value) ? isTraitInt(value) && !Object.is(value, -0) : Number.isFinite(value);
    case "boolean":
      return true;
    default:
      return value === null;
  }
}

function isTrimmedText(value: unknown, limit: number): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > limit) return false;
  const isPadded = isPythonSpace(value.charCodeAt(0)) || isPythonSpace(value.charCodeAt(value.length - 1));
  return !isPadded && isStorable(value);
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
