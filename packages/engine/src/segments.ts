import type { DocumentSegment } from "./document.ts";
import { asList, asRecord, isRecord, type JsonRecord } from "./json.ts";
import { compileTest, operatorCost, type Test, thresholdOf } from "./operators.ts";
import type { SegmentResult } from "./result.ts";
import { createSlots, KEY_SLOT, type Slots, slotOf } from "./subject.ts";

export interface CompiledSegment {
  readonly index: number;
  readonly key: string;
  readonly name: string;
  /** The document's own object; null if the segment came in an evaluation context. */
  readonly segment: DocumentSegment | null;
  /** As listed in results. */
  readonly result: SegmentResult;
  /** As written, for those who want to know why. `plan.ts` has them for those who ask only whether. */
  readonly rules: readonly CompiledRule[];
}

export interface CompiledRule {
  /** ALL, ANY or NONE; anything else is false unless the rule is empty. */
  readonly type: string;
  readonly conditions: readonly CompiledCondition[];
  readonly rules: readonly CompiledRule[];
}

export interface CompiledCondition {
  /** Equal conditions are one, tested once an evaluation. */
  readonly index: number;
  readonly operator: string;
  readonly property: string;
  readonly value: unknown;
  /** Which operand of the subject is tested. */
  readonly slot: number;
  readonly test: Test;
  readonly cost: number;
  /** Percent, of a PERCENTAGE_SPLIT with a readable value. */
  readonly threshold: number | null;
}

/** Deeper rules make a segment that nobody is in. Flagsmith's own limit is 2. */
export const MAX_RULE_DEPTH = 64;
/** More rules than this in one segment do the same. */
export const MAX_RULES = 10_000;
const JSONPATH_COST = 10;

/** What the segments of one environment share. */
export interface RuleCompiler {
  readonly slots: Slots;
  readonly conditions: CompiledCondition[];
  readonly byText: Map<string, CompiledCondition>;
}

export function createRuleCompiler(): RuleCompiler {
  return { slots: createSlots(), conditions: [], byText: new Map() };
}

/** The rules of one segment, or none (so that it never matches) where they are nested too deep or are too many. */
export function compileRules(rules: unknown, segmentKey: string, compiler: RuleCompiler): readonly CompiledRule[] {
  const pass: Pass = { segmentKey, compiler, left: MAX_RULES, exceeded: false };
  const compiled = asList(rules).map((rule) => compileRule(rule, pass, 1));
  return pass.exceeded ? [] : compiled;
}

interface Pass {
  readonly segmentKey: string;
  readonly compiler: RuleCompiler;
  left: number;
  exceeded: boolean;
}

function compileRule(rule: unknown, pass: Pass, depth: number): CompiledRule {
  pass.left -= 1;
  if (depth > MAX_RULE_DEPTH || pass.left < 0) pass.exceeded = true;
  if (pass.exceeded || !isRecord(rule)) return { type: "ALL", conditions: [compileCondition({}, pass)], rules: [] };
  return {
    type: typeof rule.type === "string" ? rule.type : "",
    conditions: asList(rule.conditions).map((condition) => compileCondition(asRecord(condition), pass)),
    rules: asList(rule.rules).map((child) => compileRule(child, pass, depth + 1)),
  };
}

/** Most segments ask the same few questions, so an equal condition is compiled, and later tested, once. */
function compileCondition(condition: JsonRecord, pass: Pass): CompiledCondition {
  const { byText, conditions } = pass.compiler;
  const text = textOf(condition);
  const known = text === null ? undefined : byText.get(text);
  if (known !== undefined) return known;
  const compiled = { index: conditions.length, ...createCondition(condition, pass) };
  conditions.push(compiled);
  if (text !== null) byText.set(text, compiled);
  return compiled;
}

/** The same for equal conditions only; null for those that depend on their segment, and for malformed ones. */
function textOf({ property, operator, value }: JsonRecord): string | null {
  if (typeof property !== "string" || typeof operator !== "string" || typeof value !== "string") return null;
  if (operator === "PERCENTAGE_SPLIT") return null;
  return `${property.length} ${operator.length} ${property}${operator}${value}`;
}

function createCondition(condition: JsonRecord, { compiler, segmentKey }: Pass): Omit<CompiledCondition, "index"> {
  const { property, operator, value } = condition;
  const isSplit = operator === "PERCENTAGE_SPLIT";
  const slot = slotFor(condition, isSplit, compiler.slots);
  const isPath = typeof property === "string" && property.startsWith("$.");
  return {
    operator: typeof operator === "string" ? operator : "",
    property: typeof property === "string" ? property : "",
    value: value ?? null,
    slot: slot ?? KEY_SLOT,
    test: slot === null ? () => false : compileTest(operator, value, segmentKey),
    cost: operatorCost(operator) + (isPath ? JSONPATH_COST : 0),
    threshold: isSplit ? thresholdOf(value) : null,
  };
}

/** null: the condition names no property, so it cannot hold. */
function slotFor({ property }: JsonRecord, isSplit: boolean, slots: Slots): number | null {
  if (isSplit && (property === "" || property === null)) return KEY_SLOT;
  return typeof property === "string" ? slotOf(slots, property) : null;
}
