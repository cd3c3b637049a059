import { percentage } from "./bucketing.ts";
import { BROKEN, type Operand, operandText } from "./operand.ts";
import type { CompiledCondition, CompiledRule, CompiledSegment } from "./segments.ts";
import { readOperand, type Subject } from "./subject.ts";

export interface SegmentTrace {
  readonly name: string;
  readonly key: string;
  readonly matched: boolean;
  /** As written. A segment without rules never matches; nor does one whose rules are too deep, shown without them. */
  readonly rules: readonly RuleTrace[];
}

export interface RuleTrace {
  readonly type: string;
  readonly matched: boolean;
  readonly conditions: readonly ConditionTrace[];
  readonly rules: readonly RuleTrace[];
}

export interface ConditionTrace {
  readonly operator: string;
  /** "" with PERCENTAGE_SPLIT: the identity's key. */
  readonly property: string;
  /** The condition's value, as written. */
  readonly value: unknown;
  /** What was compared, after conversions; null: not set. */
  readonly operand: OperandTrace | null;
  readonly matched: boolean;
  /** Of a PERCENTAGE_SPLIT with a subject. It matches where `percentage <= threshold`. */
  readonly split: {
    readonly ids: readonly string[];
    readonly percentage: number;
    readonly threshold: number | null;
  } | null;
}

export interface OperandTrace {
  /** "unreadable": a value the rules cannot take, on which every condition is false. */
  readonly type: "text" | "integer" | "float" | "boolean" | "unreadable";
  /** As Python writes it: True, 7, 2.0. */
  readonly text: string;
}

/** The whole rule tree with every condition tried, those too that `evaluate` had no need to try. */
export function traceSegment(segment: CompiledSegment, subject: Subject): SegmentTrace {
  const rules = segment.rules.map((rule) => traceRule(rule, segment.key, subject));
  const matched = rules.length > 0 && rules.every((rule) => rule.matched);
  return { name: segment.name, key: segment.key, matched, rules };
}

function traceRule(rule: CompiledRule, segmentKey: string, subject: Subject): RuleTrace {
  const conditions = rule.conditions.map((condition) => traceCondition(condition, segmentKey, subject));
  const rules = rule.rules.map((child) => traceRule(child, segmentKey, subject));
  const matched = groupHolds(rule.type, conditions) && groupHolds(rule.type, rules);
  return { type: rule.type, matched, conditions, rules };
}

function groupHolds(type: string, members: readonly { readonly matched: boolean }[]): boolean {
  if (members.length === 0) return true;
  switch (type) {
    case "ALL":
      return members.every((member) => member.matched);
    case "ANY":
      return members.some((member) => member.matched);
    case "NONE":
      return !members.some((member) => member.matched);
    default:
      return false;
  }
}

function traceCondition(condition: CompiledCondition, segmentKey: string, subject: Subject): ConditionTrace {
  const { operator, property, value, slot, test } = condition;
  const operand = readOperand(subject, slot);
  return {
    operator,
    property,
    value,
    operand: traceOperand(operand),
    matched: test(operand),
    split: operator === "PERCENTAGE_SPLIT" ? traceSplit(condition, segmentKey, operand) : null,
  };
}

function traceSplit({ threshold }: CompiledCondition, segmentKey: string, operand: Operand): ConditionTrace["split"] {
  if (operand === null || operand === BROKEN) return null;
  const ids = [segmentKey, operandText(operand)];
  return { ids, percentage: percentage(ids), threshold };
}

function traceOperand(operand: Operand): OperandTrace | null {
  if (operand === null) return null;
  if (operand === BROKEN) return { type: "unreadable", text: "" };
  return { type: typeName(operand), text: operandText(operand) };
}

function typeName(operand: Exclude<Operand, null | typeof BROKEN>): OperandTrace["type"] {
  switch (typeof operand) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "object":
      return "float";
    default:
      return "integer";
  }
}
