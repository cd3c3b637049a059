/** Serializers and lists: what holds fields. The path of an issue decides the shape of its place in the error body. */
import { z } from "zod";
import { pythonTypeName } from "../python/python-text.ts";
import { drfErrorMap } from "./error-map.ts";
import * as messages from "./messages.ts";

/** The key for what is wrong with a whole object or list rather than one field of it. */
export const nonFieldErrors = "non_field_errors";

/** A nested serializer: an object; keys it does not know are dropped. */
export function object<Shape extends z.ZodRawShape>(shape: Shape): z.ZodPreprocess<z.ZodObject<Shape>> {
  return z.preprocess((input, context) => {
    const type = pythonTypeName(input);
    if (type === "dict") return input;
    complain(context, input, nonFieldErrors, messages.notDictionary(type));
    return z.NEVER;
  }, z.object(shape));
}

export interface ListOptions {
  readonly allowEmpty?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** A serializer with many=True: errors are a list with a place for every item, `{}` where the item is fine. */
export function many<Item extends z.ZodType>(item: Item, options: ListOptions = {}): z.ZodPreprocess<z.ZodArray<Item>> {
  return z.preprocess((input, context) => {
    const fault = listFault(input, options) ?? lengthFault(input, options);
    if (fault === undefined) return input;
    complain(context, input, nonFieldErrors, fault);
    return z.NEVER;
  }, z.array(item));
}

/**
 * ListField: errors of items are an object keyed by the item's index, and the list's own are a plain list of texts. Its
 * length is judged only when every item is fine.
 */
export function list<Item extends z.ZodType>(item: Item, options: ListOptions = {}): z.ZodPreprocess<z.ZodArray<Item>> {
  return z.preprocess((input, context) => {
    const fault = listFault(input, options) ?? itemsFault(context, item, input) ?? lengthFault(input, options);
    if (fault === undefined) return input;
    if (fault !== "items") complain(context, input, undefined, fault);
    return z.NEVER;
  }, z.array(item));
}

function listFault(input: unknown, { allowEmpty = true }: ListOptions): string | undefined {
  if (!Array.isArray(input)) return messages.notList(pythonTypeName(input));
  return input.length === 0 && !allowEmpty ? messages.emptyList : undefined;
}

function lengthFault(input: unknown, { minLength = 0, maxLength = Infinity }: ListOptions): string | undefined {
  const length = Array.isArray(input) ? input.length : 0;
  if (length > maxLength) return messages.tooManyElements(maxLength);
  return length < minLength ? messages.tooFewElements(minLength) : undefined;
}

/** Complains of every unsound item itself, and answers whether there was one. */
function itemsFault(context: Context, item: z.ZodType, input: unknown): "items" | undefined {
  const items: unknown[] = Array.isArray(input) ? input : [];
  const sound = items.filter((value, index) => isSoundItem(context, item, value, String(index)));
  return sound.length === items.length ? undefined : "items";
}

/** DictField: an object whose every value is one kind of field; errors are an object keyed by the value's key. */
export function dictionary<Item extends z.ZodType>(item: Item): z.ZodPreprocess<z.ZodRecord<z.ZodString, Item>> {
  return z.preprocess(
    (input, context) => {
      const type = pythonTypeName(input);
      if (type === "dict") return input;
      complain(context, input, undefined, messages.notDictionaryOfItems(type));
      return z.NEVER;
    },
    z.record(z.string(), item),
  );
}

type Context = z.core.$RefinementCtx;

function complain(context: Context, input: unknown, key: string | undefined, message: string): void {
  if (input === undefined) context.addIssue({ code: "custom", message: messages.required });
  else if (input === null) context.addIssue({ code: "custom", message: messages.notNull });
  else context.addIssue({ code: "custom", message, path: key === undefined ? [] : [key] });
}

/** The index goes into the path as text, which is what makes the error body an object there instead of a list. */
function isSoundItem(context: Context, item: z.ZodType, value: unknown, index: string): boolean {
  const result = item.safeParse(value, { error: drfErrorMap });
  for (const issue of result.error?.issues ?? []) context.addIssue({ ...issue, path: [index, ...issue.path] } as never);
  return result.success;
}
