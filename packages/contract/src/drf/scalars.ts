/** Django REST framework's plain fields as zod schemas, with its coercions. */
import { z } from "zod";
import { isWholeFloat } from "../json/whole-float.ts";
import { pythonLength, pythonStrip, pythonText } from "../python/python-text.ts";
import { accept, type Coerced, type Field, field, refuse } from "./field.ts";
import * as messages from "./messages.ts";

export interface StringOptions {
  /** In characters (code points), counted after trimming. */
  readonly maxLength?: number;
  readonly minLength?: number;
  /** Accepts "" (and white space only, where trimming); false unless given. */
  readonly allowBlank?: boolean;
  /** Python's `strip()`; true unless given. */
  readonly trim?: boolean;
}

/** CharField: text, trimmed; ints and floats become text as Python prints them; booleans, lists and objects are refused. */
export function string(options: StringOptions = {}): Field<string> {
  const { maxLength, minLength, allowBlank = false } = options;
  const lengths = {
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(minLength === undefined ? {} : { minLength }),
  };
  const minimum = minLength === undefined && !allowBlank ? { minLength: 1 } : {};
  return field(z.string().meta({ ...lengths, ...minimum }), (value) => coerceString(value, options));
}

function coerceString(value: unknown, options: StringOptions): Coerced<string> {
  if (!isTextual(value)) return refuse(messages.notString);
  const { trim = true, allowBlank = false } = options;
  const text = trim ? pythonStrip(pythonText(value)) : pythonText(value);
  if (text === "") return allowBlank ? accept("") : refuse(messages.notBlank);
  const faults = [...lengthFaults(text, options), ...characterFaults(text)];
  return faults.length === 0 ? accept(text) : refuse(...faults);
}

function isTextual(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "bigint" || isWholeFloat(value);
}

function lengthFaults(text: string, { maxLength, minLength }: StringOptions): string[] {
  const faults: string[] = [];
  if (maxLength !== undefined && isLongerThan(text, maxLength)) faults.push(messages.tooManyCharacters(maxLength));
  if (minLength !== undefined && pythonLength(text) < minLength) faults.push(messages.tooFewCharacters(minLength));
  return faults;
}

/** Whether the text has more than `limit` code points; cheap for texts that are short in UTF-16 too. */
export function isLongerThan(text: string, limit: number): boolean {
  return text.length > limit && pythonLength(text) > limit;
}

/** The characters that no store takes: NUL and halves of surrogate pairs. One message a kind, none when clean. */
export function characterFaults(text: string): string[] {
  const faults: string[] = [];
  if (text.includes("\0")) faults.push(messages.nullCharacters);
  if (!text.isWellFormed()) faults.push(messages.surrogate(text.match(/\p{Cs}/u)?.[0].charCodeAt(0) ?? 0));
  return faults;
}

const booleanWords: ReadonlyMap<string, boolean> = new Map([
  ...["t", "y", "yes", "true", "on", "1"].map((word) => [word, true] as const),
  ...["f", "n", "no", "false", "off", "0"].map((word) => [word, false] as const),
]);

/** BooleanField: true, false, 1, 0, 1.0, 0.0 and the words t, y, yes, true, on, 1 and their opposites in any case. */
export function boolean(): Field<boolean> {
  return field(z.boolean(), (value) => {
    const known = readBoolean(value);
    return known === undefined ? refuse(messages.notBoolean) : accept(known);
  });
}

function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return booleanWords.get(value.toLowerCase());
  const number = isWholeFloat(value) ? value.float : value;
  if (number === 0 || number === 1) return number === 1;
  return undefined;
}

/** BooleanField with allow_null: null, and also "null" (any case) and "", are null. */
export function nullableBoolean(): z.ZodNullable<Field<boolean | null>> {
  return field(z.boolean().nullable(), (value) => {
    const known = readBoolean(value);
    if (known !== undefined) return accept<boolean | null>(known);
    const isNull = typeof value === "string" && (value === "" || value.toLowerCase() === "null");
    return isNull ? accept(null) : refuse(messages.notBoolean);
  }).nullable();
}

export interface NumberOptions {
  readonly min?: number;
  readonly max?: number;
}

/** Longer numerals are refused before they are read, as in Django REST. */
const maxNumeralLength = 1000;

const int32 = { min: -2147483648, max: 2147483647 };

/**
 * IntegerField: ints, whole floats, and numerals with optional sign, underscores and a fraction of zeros. Bounds are those of
 * a 32-bit column unless given, and must be safe integers. Of digits, only 0-9 are read (Python reads all scripts').
 */
export function integer(options: NumberOptions = {}): Field<number> {
  const { min, max } = { ...int32, ...options };
  return field(z.int().meta({ minimum: min, maximum: max }), (value) => coerceInteger(value, min, max));
}

function coerceInteger(value: unknown, min: number, max: number): Coerced<number> {
  if (typeof value === "string" && isLongerThan(value, maxNumeralLength)) return refuse(messages.stringTooLarge);
  if (typeof value !== "string" && !isTextual(value)) return refuse(messages.notInteger);
  const numeral = pythonStrip(pythonText(value).replace(/\.0*\s*$/, ""));
  if (!/^[-+]?\d+(?:_\d+)*$/.test(numeral)) return refuse(messages.notInteger);
  const whole = BigInt(numeral.replaceAll("_", "").replace("+", ""));
  if (whole > BigInt(max)) return refuse(messages.tooGreat(max));
  if (whole < BigInt(min)) return refuse(messages.tooSmall(min));
  return accept(Number(whole));
}

/** FloatField: finite numbers, booleans as 1 and 0 (Python's float() takes them), and numerals. */
export function float(options: NumberOptions = {}): Field<number> {
  return field(z.number(), (value) => coerceFloat(value, options));
}

function coerceFloat(value: unknown, { min, max }: NumberOptions): Coerced<number> {
  if (typeof value === "string" && isLongerThan(value, maxNumeralLength)) return refuse(messages.stringTooLarge);
  const number = readFloat(value);
  if (number === undefined || !Number.isFinite(number)) return refuse(messages.notNumber);
  const faults: string[] = [];
  if (max !== undefined && number > max) faults.push(messages.tooGreat(max));
  if (min !== undefined && number < min) faults.push(messages.tooSmall(min));
  return faults.length === 0 ? accept(number) : refuse(...faults);
}

const floatNumeral = /^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][-+]?\d+(?:_\d+)*)?$/;

function readFloat(value: unknown): number | undefined {
  if (isWholeFloat(value)) return value.float;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return Number(value);
  if (typeof value !== "string") return undefined;
  const numeral = pythonStrip(value);
  return floatNumeral.test(numeral) ? Number(numeral.replaceAll("_", "")) : undefined;
}

/** ChoiceField over texts. Any other input is named in the message as Python's `str()` writes it. */
export function choice<const T extends string>(choices: readonly T[]): Field<T> {
  const known: ReadonlyMap<string, T> = new Map(choices.map((one) => [one, one]));
  return field(z.enum(choices), (value) => {
    const chosen = known.get(pythonText(value));
    return chosen === undefined ? refuse(messages.notChoice(pythonText(value))) : accept(chosen);
  });
}
