/** OpenFeature's evaluation context as OFREP sends it: who is asking, and what else is said of them. */
import type { TraitValue } from "@burgee/engine";
import { characterFaults, isLongerThan } from "../drf/index.ts";
import { isWholeFloat } from "../json/whole-float.ts";
import { pythonRepr, pythonStrip } from "../python/python-text.ts";
import { maxIdentifier, maxTraitKey, maxTraitText } from "../sdk/trait-value.ts";

export type OfrepErrorCode = "PARSE_ERROR" | "TARGETING_KEY_MISSING" | "INVALID_CONTEXT" | "FLAG_NOT_FOUND" | "GENERAL";

export interface OfrepContext {
  readonly identifier: string;
  /** Every other attribute; lists and objects as text. null hides a stored trait, or removes it where traits are stored. */
  readonly traits: readonly { readonly key: string; readonly value: TraitValue }[];
}

export type OfrepReading =
  | { readonly ok: true; readonly value: OfrepContext }
  | { readonly ok: false; readonly errorCode: OfrepErrorCode; readonly errorDetails: string };

export const maxOfrepAttributes = 1000;

const refuse = (errorCode: OfrepErrorCode, errorDetails: string): OfrepReading => ({
  ok: false,
  errorCode,
  errorDetails,
});

const isDictionary = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isWholeFloat(value);

/** A sentence, or undefined where the text may be used. */
function textFault(text: string, limit: number): string | undefined {
  if (isLongerThan(text, limit)) return `more than ${limit} characters`;
  return characterFaults(text)[0]?.replace(/\.$/, "");
}

function traitOf(value: unknown): TraitValue {
  if (value === null || typeof value === "number") return value;
  if (typeof value === "string" || typeof value === "boolean" || isWholeFloat(value)) return value;
  return pythonRepr(value);
}

/** As every other door refuses it: what is stored here has to be changed and removed there. */
function attributeFault(key: string, value: TraitValue): string | undefined {
  if (key === "") return "a blank name";
  if (typeof value === "number" && !Number.isFinite(value)) return "a number that is out of range";
  return textFault(key, maxTraitKey) ?? (typeof value === "string" ? textFault(value, maxTraitText) : undefined);
}

/** Reads a parsed body of either evaluation route. Never throws. */
export function readOfrepContext(body: unknown): OfrepReading {
  if (!isDictionary(body)) return refuse("PARSE_ERROR", "The body must be a JSON object.");
  const { context } = body;
  if (!isDictionary(context)) return refuse("INVALID_CONTEXT", "The body needs a `context` object.");
  const { targetingKey, ...attributes } = context;
  if (targetingKey === undefined || targetingKey === null || targetingKey === "") {
    return refuse("TARGETING_KEY_MISSING", "The context needs a `targetingKey`.");
  }
  if (typeof targetingKey !== "string") return refuse("INVALID_CONTEXT", "`targetingKey` must be a string.");
  const keyFault = textFault(targetingKey, maxIdentifier);
  if (keyFault) return refuse("INVALID_CONTEXT", `\`targetingKey\`: ${keyFault}.`);
  const entries = Object.entries(attributes);
  if (entries.length > maxOfrepAttributes) {
    return refuse("INVALID_CONTEXT", `The context has more than ${maxOfrepAttributes} attributes.`);
  }
  const traits: { key: string; value: TraitValue }[] = [];
  for (const [sentKey, sent] of entries) {
    const key = pythonStrip(sentKey);
    const value = traitOf(sent);
    const fault = attributeFault(key, value);
    if (fault) return refuse("INVALID_CONTEXT", `Attribute ${JSON.stringify(sentKey.slice(0, 50))}: ${fault}.`);
    traits.push({ key, value });
  }
  return { ok: true, value: { identifier: targetingKey, traits } };
}
