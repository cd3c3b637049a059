/** Explanations in plain words. Pure text, for the server's answers and the dashboard alike: both say the same. */
import type { ConditionTrace, ExplainedFlag, RuleTrace } from "./explanations.ts";
import type { FlagValue } from "./values.ts";

/** An explained flag before its summary is written. */
export type UnsummarisedFlag = Omit<ExplainedFlag, "summary">;

/** Texts longer than this are cut: a sentence is no place for a document. */
const MAX_QUOTED = 60;
/** Conditions told one by one; the rest is counted. */
const MAX_TOLD = 3;

export function quoted(value: FlagValue): string {
  if (typeof value !== "string") return String(value);
  if (value.length <= MAX_QUOTED) return `"${value}"`;
  const characters = [...value.slice(0, 2 * MAX_QUOTED + 1)];
  return characters.length > MAX_QUOTED ? `"${characters.slice(0, MAX_QUOTED).join("")}…"` : `"${value}"`;
}

const number = (value: number): string => String(Math.round(value * 100) / 100);

/** "2026-11-23 10:00 UTC" of an ISO date. */
const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

const hasValue = (value: FlagValue): boolean => value !== null && value !== "";

function outcome({ enabled, value, variant }: UnsummarisedFlag): string {
  const state = enabled ? "On" : "Off";
  const shown = hasValue(value) ? ` with ${quoted(value)}` : "";
  if (variant === null) return state + shown;
  return `${state}${shown} (${variant.key === null ? "a variant" : `variant ${variant.key}`})`;
}

function splitWords({ split }: UnsummarisedFlag): string {
  if (split === null) return "";
  const { bucket, threshold_low: low, threshold_high: high } = split;
  // Pinned, or for everybody: nothing was drawn.
  if (low === 0 && high === 100) return "";
  return `its bucket ${number(bucket)} lies from ${number(low)} up to ${number(high)}`;
}

function overrideWords(override: NonNullable<ExplainedFlag["override"]>): string {
  const by = override.updated_by === null ? "" : ` by ${override.updated_by}`;
  const reason = override.reason === null ? "" : `: ${quoted(override.reason)}`;
  const end = override.expires_at === null ? "" : `; it ends on ${moment(override.expires_at)}`;
  return `because it was set for this identity${by} on ${moment(override.updated_at)}${reason}${end}`;
}

function whyWords(flag: UnsummarisedFlag, environment: string): string {
  const { source, segment, override } = flag;
  const split = splitWords(flag);
  if (source === "override" && override !== null) return overrideWords(override) + (split === "" ? "" : `; ${split}`);
  if (source === "segment" && segment !== null) {
    const priority = segment.priority === null ? "" : ` (priority ${segment.priority})`;
    return `because it is in segment ${quoted(segment.name)}${priority}${split === "" ? "" : `; ${split}`}`;
  }
  if (source === "split") return `as ${environment} splits this feature${split === "" ? "" : `: ${split}`}`;
  return `as for everybody in ${environment}`;
}

/** What the identity gets and why, as a sentence or two. `environment` is its name. */
export function summariseFlag(flag: UnsummarisedFlag, environment: string): string {
  const expired = flag.expired_override;
  const was = expired === null ? "" : ` An override of this identity ended on ${moment(expired.expires_at)}.`;
  return `${outcome(flag)}, ${whyWords(flag, environment)}.${was}`;
}

const PHRASES: Readonly<Record<string, readonly [holds: string, fails: string]>> = {
  EQUAL: ["is", "is not"],
  NOT_EQUAL: ["is not", "is"],
  GREATER_THAN: ["is greater than", "is not greater than"],
  GREATER_THAN_INCLUSIVE: ["is at least", "is less than"],
  LESS_THAN: ["is less than", "is not less than"],
  LESS_THAN_INCLUSIVE: ["is at most", "is greater than"],
  CONTAINS: ["contains", "does not contain"],
  NOT_CONTAINS: ["does not contain", "contains"],
  REGEX: ["matches", "does not match"],
  IN: ["is one of", "is none of"],
  MODULO: ["divides as", "does not divide as"],
};

const VALUELESS = new Set(["IS_SET", "IS_NOT_SET"]);

const subjectOf = (property: string): string => {
  if (property === "") return "the identity";
  if (property === "$.identity.identifier") return "the identifier";
  if (property === "$.environment.name") return "the environment's name";
  return property;
};

function splitCondition({ property, held, split, value }: ConditionTrace): string {
  const of = property === "" ? "its bucket" : `the bucket of ${subjectOf(property)}`;
  if (split === null) return held ? `${of} is within ${value} %` : `${of} is not within ${value} %`;
  return `${of} ${number(split.bucket)} is ${held ? "within" : "not within"} ${value} %`;
}

/** One condition as it came out: `plan is not "pro" (it is "free")`. */
export function conditionWords(condition: ConditionTrace): string {
  const { property, operator, value, operand, held } = condition;
  const subject = subjectOf(property);
  if (operator === "PERCENTAGE_SPLIT") return operand === null ? `${subject} is not set` : splitCondition(condition);
  if (VALUELESS.has(operator)) return `${subject} is ${(operator === "IS_SET") === held ? "set" : "not set"}`;
  if (operand === null) return `${subject} is not set`;
  const phrases = PHRASES[operator];
  const phrase = phrases === undefined ? `${held ? "holds" : "does not hold"} for ${operator}` : phrases[held ? 0 : 1];
  if (operand.text === value && operator !== "REGEX") return `${subject} ${phrase} ${quoted(value)}`;
  // Against a number the text of the condition is one too.
  const isText = operand.type === "text" || operator === "IN" || operator === "REGEX";
  const [wanted, found] = isText ? [quoted(value), quoted(operand.text)] : [value, operand.text];
  return `${subject} ${phrase} ${wanted} (it is ${found})`;
}

interface Part {
  readonly held: boolean;
  /** Asked for only where it is told: most are not. */
  readonly words: () => string;
}

function told(parts: readonly Part[]): string {
  const words = parts.slice(0, MAX_TOLD).flatMap((part) => part.words() || []);
  const rest = parts.length - MAX_TOLD;
  return (rest > 0 ? [...words, `${rest} more`] : words).join(", and ");
}

const conditionParts = (rule: RuleTrace): Part[] =>
  rule.conditions.map((condition) => ({ held: condition.held, words: () => conditionWords(condition) }));
const ruleParts = (rules: readonly RuleTrace[]): Part[] =>
  rules.map((inner) => ({ held: inner.held, words: () => ruleWords(inner) }));

const groupHolds = (type: string, parts: readonly Part[]): boolean => {
  if (parts.length === 0) return true;
  if (type === "ANY") return parts.some((part) => part.held);
  return type === "NONE" ? !parts.some((part) => part.held) : parts.every((part) => part.held);
};

const first = (parts: readonly Part[], held: boolean): Part[] => parts.filter((part) => part.held === held).slice(0, 1);

/** Only what decides: of "any", one that holds; of "all" and "none", the one that spoils it. */
function groupWords(type: string, parts: readonly Part[]): string {
  const holds = groupHolds(type, parts);
  if (type === "ANY") return told(holds ? first(parts, true) : parts);
  return told(holds ? parts : first(parts, type === "NONE"));
}

function ruleWords(rule: RuleTrace): string {
  const groups = [conditionParts(rule), ruleParts(rule.rules)].filter((parts) => parts.length > 0);
  const deciding = rule.held ? groups : groups.filter((parts) => !groupHolds(rule.type, parts)).slice(0, 1);
  return deciding
    .map((parts) => groupWords(rule.type, parts))
    .filter((text) => text !== "")
    .join(", and ");
}

/** Why the identity is in a segment, or is not. */
export function summariseSegment(isMember: boolean, rules: readonly RuleTrace[]): string {
  if (rules.length === 0) return "Not in it: it has no rules, and such a segment has no members.";
  const why = groupWords("ALL", ruleParts(rules));
  if (why === "") return isMember ? "In it: its rules ask for nothing." : "Not in it.";
  return `${isMember ? "In it" : "Not in it"}: ${why}.`;
}
