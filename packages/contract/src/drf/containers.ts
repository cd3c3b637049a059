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

/**
 * Items found unsound before the rest is passed over. Without it one request of a million small mistakes would be answered
 * with thirty times its length.
 */
export const maxUnsoundItems = 100;

export interface ListOptions {
  readonly allowEmpty?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** A serializer with many=True: errors are a list with a place for every item, `{}` where the item is fine. */
export function many<Item extends z.ZodType>(item: Item, options: ListOptions = {}): z.ZodPreprocess<z.ZodArray<Item>> {
  return z.preprocess((input, context) => {
    const fault = listFault(input, options) ?? lengthFault(input, options) ?? longListFault(context, item, input);
    if (fault === undefined) return input;
    if (fault !== unsoundItems) complain(context, input, nonFieldErrors, fault);
    return z.NEVER;
  }, z.array(item));
}

/**
 * ListField: errors of items are an object keyed by the item's index, and the list's own are a plain list of texts. Its
 * length is judged only when every item is fine.
 */
export function list<Item extends z.ZodType>(item: Item, options: ListOptions = {}): z.ZodPreprocess<z.ZodArray<Item>> {
  return z.preprocess((input, context) => {
    const fault =
      listFault(input, options) ?? itemsFault(context, item, byTextIndex(input)) ?? lengthFault(input, options);
    if (fault === undefined) return input;
    if (fault !== unsoundItems) complain(context, input, undefined, fault);
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

/** Stands for faults that were complained of already. */
const unsoundItems = Symbol("unsound items");

/** Complains of unsound items itself, the first {@link maxUnsoundItems} of them. */
function itemsFault(
  context: Context,
  item: z.ZodType,
  entries: Iterable<readonly [string | number, unknown]>,
): typeof unsoundItems | undefined {
  let unsound = 0;
  for (const [key, value] of entries) {
    if (!isSoundItem(context, item, value, key)) unsound += 1;
    if (unsound === maxUnsoundItems) break;
  }
  return unsound === 0 ? undefined : unsoundItems;
}

/** Lists that cannot have too many unsound items are left to zod, which looks at each of them once instead of twice. */
function longListFault(context: Context, item: z.ZodType, input: unknown): typeof unsoundItems | undefined {
  if (!Array.isArray(input) || input.length <= maxUnsoundItems) return undefined;
  return itemsFault(context, item, input.entries());
}

/** An index that is text makes the error body an object where a number makes it a list. */
function byTextIndex(input: unknown): Iterable<readonly [string, unknown]> {
  return Array.isArray(input) ? Object.entries(input) : [];
}

/** DictField: an object whose every value is one kind of field; errors are an object keyed by the value's key. */
export function dictionary<Item extends z.ZodType>(item: Item): z.ZodPreprocess<z.ZodRecord<z.ZodString, Item>> {
  return z.preprocess(
    (input, context) => {
      const type = pythonTypeName(input);
      if (type !== "dict") complain(context, input, undefined, messages.notDictionaryOfItems(type));
      else if (itemsFault(context, item, Object.entries(input as object)) === undefined) return input;
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

function isSoundItem(context: Context, item: z.ZodType, value: unknown, key: string | number): boolean {
  const result = item.safeParse(value, { error: drfErrorMap });
  for (const issue of result.error?.issues ?? []) context.addIssue({ ...issue, path: [key, ...issue.path] } as never);
  return result.success;
}
