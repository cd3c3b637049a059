/** Operators in the words of people. One on the page may be an operator and a form of its value: versions are one. */
import type { EditCondition } from "./rule-tree.ts";

export type ValueKind = "text" | "number" | "boolean" | "list" | "version" | "pattern" | "modulo" | "none";

interface Spoken {
  readonly operator: string;
  readonly words: string;
  readonly kind: ValueKind;
}

const SEMVER = ":semver";

/** By what the page calls them. */
const OPERATORS = {
  is: { operator: "EQUAL", words: "is", kind: "text" },
  is_not: { operator: "NOT_EQUAL", words: "is not", kind: "text" },
  one_of: { operator: "IN", words: "is one of", kind: "list" },
  contains: { operator: "CONTAINS", words: "contains", kind: "text" },
  lacks: { operator: "NOT_CONTAINS", words: "does not contain", kind: "text" },
  matches: { operator: "REGEX", words: "begins with a match of", kind: "pattern" },
  above: { operator: "GREATER_THAN", words: "is more than", kind: "number" },
  from: { operator: "GREATER_THAN_INCLUSIVE", words: "is at least", kind: "number" },
  below: { operator: "LESS_THAN", words: "is less than", kind: "number" },
  up_to: { operator: "LESS_THAN_INCLUSIVE", words: "is at most", kind: "number" },
  modulo: { operator: "MODULO", words: "divided by … leaves", kind: "modulo" },
  set: { operator: "IS_SET", words: "is set", kind: "none" },
  not_set: { operator: "IS_NOT_SET", words: "is not set", kind: "none" },
  version_is: { operator: "EQUAL", words: "is version", kind: "version" },
  version_is_not: { operator: "NOT_EQUAL", words: "is not version", kind: "version" },
  newer: { operator: "GREATER_THAN", words: "is newer than version", kind: "version" },
  newer_or_is: { operator: "GREATER_THAN_INCLUSIVE", words: "is version … or newer", kind: "version" },
  older: { operator: "LESS_THAN", words: "is older than version", kind: "version" },
  older_or_is: { operator: "LESS_THAN_INCLUSIVE", words: "is version … or older", kind: "version" },
} as const satisfies Record<string, Spoken>;

export type OperatorName = keyof typeof OPERATORS;
export type TraitType = "string" | "number" | "boolean";

const TEXT: readonly OperatorName[] = ["is", "is_not", "one_of", "contains", "lacks", "matches"];
const NUMBER: readonly OperatorName[] = ["is", "is_not", "above", "from", "below", "up_to", "one_of", "modulo"];
const VERSION: readonly OperatorName[] = [
  "version_is",
  "version_is_not",
  "newer",
  "newer_or_is",
  "older",
  "older_or_is",
];
const PRESENCE: readonly OperatorName[] = ["set", "not_set"];

interface Choice {
  readonly group: string;
  readonly items: { readonly value: string; readonly label: string }[];
}

const choice = (group: string, names: readonly OperatorName[]): Choice => ({
  group,
  items: names.map((name) => ({ value: name, label: OPERATORS[name].words })),
});

/** What can be asked of a trait with values of these types, what fits best first. An unknown trait can be asked anything. */
export function operatorChoices(types: readonly TraitType[]): Choice[] {
  const [first] = types;
  if (first === "boolean" && types.length === 1)
    return [choice("Yes or no", ["is", "is_not"]), choice("Presence", PRESENCE)];
  const text = choice("Text", TEXT);
  const rest = [choice("Version", VERSION), choice("Presence", PRESENCE)];
  if (first === "number") {
    const others = TEXT.filter((name) => !NUMBER.includes(name));
    return [choice("Number", NUMBER), choice("Text", others), ...rest];
  }
  return [
    text,
    choice(
      "Number",
      NUMBER.filter((name) => !TEXT.includes(name)),
    ),
    ...rest,
  ];
}

export function operatorName({ operator, value }: Pick<EditCondition, "operator" | "value">): OperatorName | undefined {
  const isVersion = value.endsWith(SEMVER);
  const names = Object.keys(OPERATORS) as OperatorName[];
  const fits = (name: OperatorName) => OPERATORS[name].operator === operator;
  return names.find((name) => fits(name) && (OPERATORS[name].kind === "version") === isVersion) ?? names.find(fits);
}

export const kindOf = (name: OperatorName | undefined): ValueKind => (name ? OPERATORS[name].kind : "text");

const bare = (value: string): string => (value.endsWith(SEMVER) ? value.slice(0, -SEMVER.length) : value);

/** What the field shows of a value. */
export const shownValue = (value: string): string => bare(value);

export const valueFor = (name: OperatorName, shown: string): string =>
  OPERATORS[name].kind === "version" ? `${shown}${SEMVER}` : shown;

/** The condition with another operator; its value is kept where the new one can use it. */
export function withOperator(condition: EditCondition, name: OperatorName): Partial<EditCondition> {
  const { operator, kind } = OPERATORS[name];
  const before = kindOf(operatorName(condition));
  const shown = bare(condition.value);
  if (kind === "none") return { operator, value: "" };
  if (kind === "modulo") return { operator, value: before === "modulo" ? condition.value : "2|0" };
  if (before === "modulo") return { operator, value: kind === "version" ? SEMVER : "" };
  if (kind === "list" && before !== "list") return { operator, value: writeList(shown === "" ? [] : [shown]) };
  if (before === "list" && kind !== "list") return { operator, value: valueFor(name, readList(shown)[0] ?? "") };
  return { operator, value: valueFor(name, shown) };
}

/** The items of an IN: a JSON list, or text with commas. */
export function readList(value: string): string[] {
  if (value === "") return [];
  if (value.startsWith("[")) {
    try {
      const items: unknown = JSON.parse(value);
      if (Array.isArray(items)) return items.map(String);
    } catch {
      // Not JSON: then its commas part it.
    }
  }
  return value.split(",");
}

/** Commas where they can be read back, else a JSON list. */
export function writeList(items: readonly string[]): string {
  const plain = items.join(",");
  const isPlain = items.every((item) => item !== "" && !item.includes(",")) && !plain.startsWith("[");
  return isPlain ? plain : JSON.stringify(items);
}

/** One condition as a sentence: `plan is one of pro, scale`. */
export function sayCondition({
  operator,
  property,
  value,
}: {
  operator: string;
  property: string | null;
  value: string | null;
}): string {
  const subject = property === null || property === "" ? "identity" : property;
  if (operator === "PERCENTAGE_SPLIT") return `${value ?? "?"} % of them, by ${subject}`;
  const name = operatorName({ operator, value: value ?? "" });
  if (!name) return `${subject} ${operator} ${value ?? ""}`;
  const { words, kind } = OPERATORS[name];
  if (kind === "none") return `${subject} ${words}`;
  if (kind === "list") return `${subject} ${words} ${readList(value ?? "").join(", ")}`;
  if (kind === "modulo") {
    const [divisor = "?", rest = "?"] = (value ?? "").split("|");
    return `${subject} divided by ${divisor} leaves ${rest}`;
  }
  const shown = bare(value ?? "");
  return words.includes("…") ? `${subject} ${words.replace("…", shown)}` : `${subject} ${words} ${shown}`;
}
