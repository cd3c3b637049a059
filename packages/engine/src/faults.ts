import { parseFloating } from "./python-number.ts";
import { isPattern } from "./python-regex.ts";
import { parseVersion } from "./semver.ts";
import { compareText } from "./text-order.ts";

/** A rule as people write it: `property` or, as documents spell it, `property_`. */
export interface WrittenRule {
  readonly type: string;
  readonly rules?: readonly WrittenRule[] | undefined;
  readonly conditions?: readonly WrittenCondition[] | undefined;
}

export interface WrittenCondition {
  readonly operator: string;
  readonly property?: string | null | undefined;
  readonly property_?: string | null | undefined;
  readonly value?: string | null | undefined;
}

/**
 * - `never`: whatever the identity is, this does not hold. Certain.
 * - `always`: a condition that everybody meets.
 * - the others: the value is not what the operator works on, so that it holds for hardly anybody.
 */
export type FaultCode =
  | "never"
  | "always"
  | "conflict"
  | "regex"
  | "number"
  | "semver"
  | "percentage"
  | "modulo"
  | "empty";

export interface Fault {
  /** Indexes from the root down: of rules, and last of a condition where `isCondition`. */
  readonly path: readonly number[];
  readonly isCondition: boolean;
  readonly code: FaultCode;
  /** One sentence for the author. */
  readonly message: string;
}

type Chance = "never" | "maybe" | "always";

interface Judged {
  readonly chance: Chance;
  readonly faults: readonly Fault[];
}

/**
 * What is wrong with a segment's rules, as far as can be told without any identity. Total, for rules of any size that
 * a segment may have; finds what is certain and what is likely a slip, not every contradiction there could be.
 */
export function findFaults(rules: readonly WrittenRule[]): Fault[] {
  if (rules.length === 0) return [{ path: [], isCondition: false, code: "never", message: "No rule: nobody is in." }];
  const judged = rules.map((rule, index) => judgeRule(rule, [index]));
  return judged.flatMap(({ faults }) => faults);
}

function judgeRule(rule: WrittenRule, path: readonly number[]): Judged {
  const conditions = rule.conditions ?? [];
  const rules = rule.rules ?? [];
  if (conditions.length === 0 && rules.length === 0) return { chance: "always", faults: [] };
  const members = [
    ...conditions.map((condition, index) => judgeCondition(condition, [...path, index])),
    ...rules.map((inner, index) => judgeRule(inner, [...path, index])),
  ];
  const faults = members.flatMap((member) => member.faults);
  const clash = rule.type === "ALL" ? findClash(conditions) : undefined;
  if (clash) faults.push({ path, isCondition: false, ...clash });
  // The two halves of a rule are combined by "and", whatever its type.
  const halves = [members.slice(0, conditions.length), members.slice(conditions.length)].filter(
    (half) => half.length > 0,
  );
  const chances = halves.map((half) =>
    combine(
      rule.type,
      half.map(({ chance }) => chance),
    ),
  );
  const chance = clash?.code === "never" || chances.includes("never") ? "never" : both(chances);
  const isNews = chance === "never" && !faults.some((fault) => fault.code === "never" && !fault.isCondition);
  if (isNews) faults.push({ path, isCondition: false, code: "never", message: "No identity can meet this group." });
  return { chance, faults };
}

const both = (chances: readonly Chance[]): Chance => (chances.every((one) => one === "always") ? "always" : "maybe");

function combine(type: string, chances: readonly Chance[]): Chance {
  const [some, all] = [chances.includes("always"), chances.every((one) => one === "always")];
  const [bad, none] = [chances.includes("never"), chances.every((one) => one === "never")];
  if (type === "ALL") return bad ? "never" : all ? "always" : "maybe";
  if (type === "ANY") return none ? "never" : some ? "always" : "maybe";
  if (type === "NONE") return some ? "never" : none ? "always" : "maybe";
  return "never";
}

const propertyOf = (condition: WrittenCondition): string | null => condition.property ?? condition.property_ ?? null;

function judgeCondition(condition: WrittenCondition, path: readonly number[]): Judged {
  const found = conditionFault(condition);
  if (!found) return { chance: "maybe", faults: [] };
  const { chance, code, message } = found;
  return { chance, faults: [{ path, isCondition: true, code, message }] };
}

interface Found {
  readonly chance: Chance;
  readonly code: FaultCode;
  readonly message: string;
}

const never = (code: FaultCode, message: string): Found => ({ chance: "never", code, message });
const slip = (code: FaultCode, message: string): Found => ({ chance: "maybe", code, message });

const ORDERED = new Set(["GREATER_THAN", "GREATER_THAN_INCLUSIVE", "LESS_THAN", "LESS_THAN_INCLUSIVE"]);
const COMPARED = new Set(["EQUAL", "NOT_EQUAL", ...ORDERED]);
const NEEDS_VALUE = new Set([...COMPARED, "CONTAINS", "NOT_CONTAINS", "IN", "REGEX"]);

function conditionFault(condition: WrittenCondition): Found | undefined {
  const { operator } = condition;
  const property = propertyOf(condition);
  const value = condition.value ?? null;
  if (operator === "PERCENTAGE_SPLIT") return splitFault(value, property);
  if (property === null) return never("empty", "It says of no trait what it should be.");
  if (property === "") return slip("empty", "It says of no trait what it should be.");
  if (operator === "MODULO") return moduloFault(value);
  if (NEEDS_VALUE.has(operator) && (value === null || value === ""))
    return slip("empty", "There is nothing to compare with.");
  if (value === null) return undefined;
  if (operator === "REGEX" && !isPattern(value)) {
    return never("regex", "This regular expression cannot be read, or needs what linear time cannot do.");
  }
  return COMPARED.has(operator) ? comparisonFault(operator, value) : undefined;
}

function comparisonFault(operator: string, value: string): Found | undefined {
  if (value.endsWith(":semver")) {
    const version = value.slice(0, -7);
    if (parseVersion(version) !== null) return undefined;
    return slip("semver", `${JSON.stringify(version)} is not a version like 1.2.3.`);
  }
  if (!ORDERED.has(operator) || parseFloating(value) !== null) return undefined;
  return slip(
    "number",
    `${JSON.stringify(value)} is not a number: numbers never meet this, and text is compared letter by letter.`,
  );
}

function splitFault(value: string | null, property: string | null): Found | undefined {
  const share = value === null ? null : parseFloating(value);
  if (share === null || Number.isNaN(share)) return never("percentage", "A share is a number from 0 to 100.");
  if (share < 0) return never("percentage", "A share below 0 lets nobody in.");
  if (share < 100) return undefined;
  const isEverybody = property === null || property === "";
  return { chance: isEverybody ? "always" : "maybe", code: "always", message: "A share of 100 lets everybody in." };
}

function moduloFault(value: string | null): Found | undefined {
  const parts = (value ?? "").split("|");
  const [divisor, remainder] = [parseFloating(parts[0] ?? ""), parseFloating(parts[1] ?? "")];
  if (parts.length !== 2 || divisor === null || remainder === null) {
    return never("modulo", "Write the divisor and the remainder as 5|2.");
  }
  return divisor === 0 ? never("modulo", "Nothing can be divided by 0.") : undefined;
}

/** What two conditions that must both hold make impossible, or as good as that. */
function findClash(conditions: readonly WrittenCondition[]): Pick<Fault, "code" | "message"> | undefined {
  const groups = Map.groupBy(
    conditions.filter((condition) => condition.operator !== "PERCENTAGE_SPLIT" && propertyOf(condition) !== null),
    (condition) => propertyOf(condition) ?? "",
  );
  for (const [property, group] of groups) {
    const clash = clashOf(property, group);
    if (clash) return clash;
  }
  return undefined;
}

function clashOf(property: string, group: readonly WrittenCondition[]): Pick<Fault, "code" | "message"> | undefined {
  const name = JSON.stringify(property);
  const absent = group.some(({ operator }) => operator === "IS_NOT_SET");
  if (absent && group.some(({ operator }) => operator !== "IS_NOT_SET")) {
    return { code: "never", message: `${name} would have to be set and not be set.` };
  }
  const equals = new Set(valuesOf(group, "EQUAL"));
  if (valuesOf(group, "NOT_EQUAL").some((value) => equals.has(value))) {
    return { code: "never", message: `${name} would have to equal a value and differ from it.` };
  }
  if (areDifferent([...equals]))
    return { code: "conflict", message: `No text and no number ${name} equals all of these.` };
  return isEmptyRange(group)
    ? { code: "never", message: `${name} would have to be larger than what it is smaller than.` }
    : undefined;
}

const valuesOf = (group: readonly WrittenCondition[], operator: string): string[] =>
  group.filter((one) => one.operator === operator && typeof one.value === "string").map((one) => one.value as string);

function areDifferent(values: readonly string[]): boolean {
  const [first, ...rest] = values.map((value) => parseFloating(value) ?? value);
  return rest.some((value) => value !== first);
}

/** Numbers are compared as such and text letter by letter: only what is empty both ways is empty. */
function isEmptyRange(group: readonly WrittenCondition[]): boolean {
  const lows = [...valuesOf(group, "GREATER_THAN"), ...valuesOf(group, "GREATER_THAN_INCLUSIVE")];
  const highs = [...valuesOf(group, "LESS_THAN"), ...valuesOf(group, "LESS_THAN_INCLUSIVE")];
  return lows.some((low) => highs.some((high) => isAbove(low, high)));
}

function isAbove(low: string, high: string): boolean {
  if (low.endsWith(":semver") || high.endsWith(":semver")) return false;
  const [a, b] = [parseFloating(low), parseFloating(high)];
  return a !== null && b !== null && a > b && compareText(low, high) > 0;
}
