/** Single fields of an imported row. */
import { drf } from "@burgee/contract";
import {
  isTraitInt,
  isWholeFloat,
  maxIdentifier,
  maxTraitKey,
  maxTraitText,
  storeTraitValue,
  traitValue,
} from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";

/** What is wrong with a row, for whoever made the file. */
export class RowFault extends Error {}

const trait = traitValue();

/** To the letter: applications may have identities whose names begin with a space, or are nothing else. */
export function readIdentifier(value: unknown, maxBytes: number | null): string {
  const identifier = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof identifier !== "string") throw new RowFault("there is no identifier");
  if (identifier === "") throw new RowFault("the identifier is empty");
  if (drf.isLongerThan(identifier, maxIdentifier))
    throw new RowFault(`the identifier has more than ${maxIdentifier} characters`);
  const [fault] = drf.characterFaults(identifier);
  if (fault !== undefined) throw new RowFault(`the identifier: ${fault}`);
  if (maxBytes !== null && identifier.length * 3 > maxBytes && Buffer.byteLength(identifier) > maxBytes) {
    throw new RowFault(`the identifier has more than ${maxBytes} bytes`);
  }
  return identifier;
}

const isPlain = (value: unknown): boolean =>
  typeof value === "boolean" ||
  (typeof value === "number" && (Number.isInteger(value) ? isTraitInt(value) : Number.isFinite(value)));

/** Throws where the SDKs' door would refuse it, and for lists and objects, which are no traits. */
function checked(key: string, value: unknown): TraitValue {
  if (value === null || isPlain(value)) return value as TraitValue;
  if (typeof value === "string" && value.length <= maxTraitText && !value.includes("\0") && value.isWellFormed())
    return value;
  if (typeof value === "object" && !isWholeFloat(value))
    throw new RowFault(`trait ${key}: a text, a number, true, false or null`);
  const parsed = drf.parse(trait, value);
  if (parsed.ok) return parsed.value;
  throw new RowFault(`trait ${key}: ${(parsed.body as string[])[0] ?? "not a trait's value"}`);
}

function checkKey(key: string): void {
  if (key === "") throw new RowFault("a trait's key is not empty");
  if (drf.isLongerThan(key, maxTraitKey)) throw new RowFault(`a trait's key has more than ${maxTraitKey} characters`);
  if (key.includes("\0") || !key.isWellFormed())
    throw new RowFault("a trait's key has characters that cannot be stored");
}

/** Both JSON objects. `initial` null: the same as the patch, which has nothing to take away. */
export interface TraitPatch {
  readonly patch: string;
  readonly initial: string | null;
}

const nothing: TraitPatch = { patch: "{}", initial: null };

export function readPatch(traits: unknown): TraitPatch {
  if (traits === undefined || traits === null) return nothing;
  if (typeof traits !== "object" || Array.isArray(traits)) throw new RowFault("traits are an object");
  let isAsSent = true;
  let hasNull = false;
  const given = traits as Record<string, unknown>;
  for (const key in given) {
    checkKey(key);
    const value = checked(key, given[key]);
    if (value === null) hasNull = true;
    else if (typeof value === "object") isAsSent = false;
  }
  if (isAsSent && !hasNull) return { patch: JSON.stringify(given), initial: null };
  const members = Object.entries(given).map(([key, value]): [string, TraitValue] => [key, value as TraitValue]);
  const write = (listed: readonly [string, TraitValue][]) =>
    `{${listed.map(([key, value]) => `${JSON.stringify(key)}:${storeTraitValue(value)}`).join(",")}}`;
  return { patch: write(members), initial: hasNull ? write(members.filter(([, value]) => value !== null)) : null };
}

const date = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/** Milliseconds since 1970; UTC where no zone is given. */
export function readDate(value: unknown, field: string): number {
  const text = typeof value === "string" && date.test(value) ? value.replace(" ", "T") : "";
  const zoned = text.length > 10 && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text;
  const millis = Date.parse(zoned);
  if (Number.isNaN(millis)) throw new RowFault(`${field} is no ISO-8601 date`);
  return millis;
}
