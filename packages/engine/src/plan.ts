import type { CompiledCondition, CompiledRule } from "./segments.ts";
import { readOperand, type Subject } from "./subject.ts";

/**
 * A group of conditions and further groups, all combined in one way. Made from rules so that a request walks few
 * objects: a chain of ALL rules becomes one group, and the cheapest members come first (they have no effects, so
 * their order is free).
 */
export interface Plan {
  /** What the first member that is true (of "all": false) makes of the group. */
  readonly type: "all" | "any" | "none";
  readonly conditions: readonly CompiledCondition[];
  readonly groups: readonly Plan[];
}

/** The plan of a segment's rules. null: no rules, so nobody is in. */
export function planOf(rules: readonly CompiledRule[]): Plan | null {
  return rules.length === 0 ? null : groupOf("all", [], rules);
}

/** A rule is two groups, its conditions and its sub-rules, each combined by the rule's type; an empty one is true. */
function planRule(rule: CompiledRule): Plan {
  const type = typeOf(rule.type);
  if (rule.conditions.length === 0 && rule.rules.length === 0) return TRUE;
  if (type === null) return FALSE;
  if (type === "all" || rule.rules.length === 0 || rule.conditions.length === 0) {
    return groupOf(type, rule.conditions, rule.rules);
  }
  return flat("all", [], [groupOf(type, rule.conditions, []), groupOf(type, [], rule.rules)]);
}

const TRUE: Plan = { type: "all", conditions: [], groups: [] };
const FALSE: Plan = { type: "any", conditions: [], groups: [] };

function typeOf(type: string): Plan["type"] | null {
  if (type === "ALL") return "all";
  if (type === "ANY") return "any";
  return type === "NONE" ? "none" : null;
}

function groupOf(type: Plan["type"], conditions: readonly CompiledCondition[], rules: readonly CompiledRule[]): Plan {
  return flat(type, conditions, rules.map(planRule));
}

/** Takes the members of groups that combine as this one does into this one. "None" of "any" does so too. */
function flat(type: Plan["type"], conditions: readonly CompiledCondition[], groups: readonly Plan[]): Plan {
  const kind = type === "all" ? "all" : "any";
  const [joined, kept] = [groups.filter((group) => group.type === kind), groups.filter((group) => group.type !== kind)];
  const members = [...conditions, ...joined.flatMap((group) => group.conditions)];
  return {
    type,
    conditions: members.toSorted((a, b) => a.cost - b.cost),
    groups: [...kept, ...joined.flatMap((group) => group.groups)],
  };
}

/** Plans laid out as numbers, one after the other: a request that asks 500 segments reads one small array. */
export interface Program {
  /** Each group: its type, how many conditions and groups, the conditions' indexes, where its groups begin. */
  readonly code: Int32Array;
  /** By segment: where its plan begins, or NEVER. */
  readonly entries: Int32Array;
}

const ALL = 0;
const ANY = 1;
const NONE = 2;
const HEADER = 3;
const NEVER = -1;

/** Lays out the plans of an environment's segments, which are given in their order; null: nobody is in. */
export function assemble(plans: readonly (Plan | null)[]): Program {
  const code: number[] = [];
  const entries = plans.map((plan) => (plan === null ? NEVER : emit(plan, code)));
  return { code: Int32Array.from(code), entries: Int32Array.from(entries) };
}

function emit({ type, conditions, groups }: Plan, code: number[]): number {
  const starts = groups.map((group) => emit(group, code));
  const start = code.length;
  const kind = type === "all" ? ALL : type === "any" ? ANY : NONE;
  code.push(kind, conditions.length, groups.length);
  for (const condition of conditions) code.push(condition.index);
  for (const group of starts) code.push(group);
  return start;
}

const UNKNOWN = 0;
const NO = 1;
const YES = 2;

/** Whether the subject is in the segment of this index; found out once an evaluation. */
export function isInSegment(index: number, subject: Subject): boolean {
  const { segmentAnswers } = subject;
  const known = segmentAnswers[index];
  if (known !== UNKNOWN) return known === YES;
  const entry = subject.rules.program.entries[index] as number;
  const isIn = entry !== NEVER && runGroup(subject.rules.program.code, entry, subject);
  segmentAnswers[index] = isIn ? YES : NO;
  return isIn;
}

function runGroup(code: Int32Array, start: number, subject: Subject): boolean {
  const kind = code[start] as number;
  // "all" ends at its first false, the others at their first true.
  const stopsAt = kind !== ALL;
  const groups = start + HEADER + (code[start + 1] as number);
  for (let at = start + HEADER; at < groups; at += 1) {
    if (conditionHolds(code[at] as number, subject) === stopsAt) return kind === ANY;
  }
  const end = groups + (code[start + 2] as number);
  for (let at = groups; at < end; at += 1) {
    if (runGroup(code, code[at] as number, subject) === stopsAt) return kind === ANY;
  }
  return kind !== ANY;
}

function conditionHolds(index: number, subject: Subject): boolean {
  const { conditionAnswers } = subject;
  const known = conditionAnswers[index];
  if (known !== UNKNOWN) return known === YES;
  const condition = subject.rules.conditions[index] as CompiledCondition;
  const holds = condition.test(readOperand(subject, condition.slot));
  conditionAnswers[index] = holds ? YES : NO;
  return holds;
}
