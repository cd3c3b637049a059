/**
 * What must be true of everybody in a segment, as far as the query language can say it: good for looking at fewer identities, never for
 * deciding. The engine decides.
 */
import type { Query, QueryValue } from "@burgee/contract/query";
import type { DocumentCondition, DocumentRule, DocumentSegment } from "@burgee/engine";

const everybody: Query = { kind: "all" };

/** Of being in one of them. */
export function impliedBy(segments: readonly Pick<DocumentSegment, "rules">[]): Query {
  return either(segments.map(({ rules }) => both(rules.map(ofRule))));
}

function both(parts: readonly Query[]): Query {
  const said = parts.flatMap((part) => (part.kind === "and" ? part.parts : part.kind === "all" ? [] : [part]));
  const [only] = said;
  if (only === undefined) return everybody;
  return said.length === 1 ? only : { kind: "and", parts: said };
}

function either(parts: readonly Query[]): Query {
  const [only] = parts;
  if (only === undefined || parts.some((part) => part.kind === "all")) return everybody;
  return parts.length === 1
    ? only
    : { kind: "or", parts: parts.flatMap((part) => (part.kind === "or" ? part.parts : [part])) };
}

/** A rule's conditions and its inner rules are two groups, each combined by its type, and both must hold. */
function ofRule({ type, conditions, rules }: DocumentRule): Query {
  if (type === "ALL") return both([...conditions.map(ofCondition), ...rules.map(ofRule)]);
  if (type !== "ANY") return everybody;
  const groups = [conditions.map(ofCondition), rules.map(ofRule)].filter((group) => group.length > 0);
  return both(groups.map(either));
}

const plainNumber = /^-?\d{1,15}(?:\.\d{1,15})?$/;
/** Neither a number in any spelling, nor a version. */
const plainText = /^(?!.*:semver$)(?!\s*[+-]?\s*(?:[\d._]|inf|nan))/is;
const comparisons: Readonly<Record<string, "<" | "<=" | ">" | ">=">> = {
  GREATER_THAN: ">",
  GREATER_THAN_INCLUSIVE: ">=",
  LESS_THAN: "<",
  LESS_THAN_INCLUSIVE: "<=",
};

function ofCondition({ operator, property_: key, value }: DocumentCondition): Query {
  // A path looks elsewhere, and no property is the identity itself.
  if (!key || key.startsWith("$")) return everybody;
  const has: Query = { kind: "has", key };
  const text = value ?? "";
  switch (operator) {
    case "EQUAL":
      return isEqual(key, text) ?? has;
    case "IN":
      return isIn(key, text) ?? has;
    case "GREATER_THAN":
    case "GREATER_THAN_INCLUSIVE":
    case "LESS_THAN":
    case "LESS_THAN_INCLUSIVE":
      return isOrdered(key, comparisons[operator] ?? ">", text) ?? has;
    case "CONTAINS":
      return plainText.test(text) && text !== "" ? { kind: "trait-text", key, match: { mode: "contains", text } } : has;
    case "IS_SET":
    case "NOT_EQUAL":
    case "NOT_CONTAINS":
    case "REGEX":
    case "MODULO":
      return has;
    default:
      return everybody;
  }
}

const isOneOf = (key: string, values: readonly QueryValue[]): Query => ({ kind: "trait", key, is: true, values });

/** Texts that may spell a number begin with a digit or a minus. */
const spelledNumbers = (key: string): Query => ({
  kind: "and",
  parts: [
    { kind: "trait-order", key, comparison: ">=", value: "-" },
    { kind: "trait-order", key, comparison: "<", value: ":" },
  ],
});

/** Any text but "False" is true. */
const truth = (text: string): boolean => text !== "False" && text !== "false";

function isEqual(key: string, text: string): Query | undefined {
  if (plainText.test(text)) return isOneOf(key, [text, truth(text)]);
  if (!plainNumber.test(text)) return undefined;
  return { kind: "or", parts: [isOneOf(key, [Number(text), true]), spelledNumbers(key)] };
}

function isIn(key: string, text: string): Query | undefined {
  if (text.startsWith("[")) return undefined;
  const items = text.split(",");
  const isPlain = items.every((item) => plainText.test(item));
  if (isPlain) return isOneOf(key, items);
  const numbers = items.filter((item) => plainNumber.test(item)).map(Number);
  return { kind: "or", parts: [isOneOf(key, [...items, ...numbers]), spelledNumbers(key)] };
}

/** Texts have an order of their own, and booleans count as numbers. */
function isOrdered(key: string, comparison: "<" | "<=" | ">" | ">=", text: string): Query | undefined {
  if (!plainNumber.test(text)) return undefined;
  return {
    kind: "or",
    parts: [
      { kind: "trait-order", key, comparison, value: Number(text) },
      { kind: "trait-order", key, comparison: ">=", value: "" },
      isOneOf(key, [true, false]),
    ],
  };
}
