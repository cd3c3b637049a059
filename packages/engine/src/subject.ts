import { ownValue } from "./json.ts";
import { findFirst } from "./jsonpath.ts";
import { parsePath } from "./jsonpath-parse.ts";
import { BROKEN, isWholeFloat, type Operand, toOperand } from "./operand.ts";
import type { Program } from "./plan.ts";
import type { CompiledCondition } from "./segments.ts";

/** Whom one evaluation is about, and what it has found out so far. Made for one evaluation and dropped. */
export interface Subject {
  /** What splits hash; null without an identity. */
  readonly key: string | null;
  readonly traits: object | null;
  /** The whole context, for JSONPath properties. */
  readonly root: () => object;
  readonly rules: Ruleset;
  /** By slot: each property is looked up and converted once, however many conditions ask for it. */
  readonly operands: (Operand | undefined)[];
  /** By index: 0 not asked yet, 1 no, 2 yes. */
  readonly conditionAnswers: Uint8Array;
  readonly segmentAnswers: Uint8Array;
}

/** What the segments of one environment ask, and in which order. */
export interface Ruleset {
  /** Each distinct property once. */
  readonly readers: readonly Reader[];
  /** Each distinct condition once. */
  readonly conditions: readonly CompiledCondition[];
  readonly program: Program;
}

/** Looks one property up. */
export type Reader = (subject: Subject) => Operand;

/** The slot of PERCENTAGE_SPLIT's blank property: the identity's key, which is never taken for a number. */
export const KEY_SLOT = 0;

const readKey: Reader = (subject) => subject.key;

/** A reader for each distinct property of a compiled environment. */
export interface Slots {
  readonly readers: Reader[];
  readonly byProperty: Map<string, number>;
}

export function createSlots(): Slots {
  return { readers: [readKey], byProperty: new Map() };
}

export function slotOf(slots: Slots, property: string): number {
  const known = slots.byProperty.get(property);
  if (known !== undefined) return known;
  const slot = slots.readers.length;
  slots.readers.push(createReader(property));
  slots.byProperty.set(property, slot);
  return slot;
}

export function readOperand(subject: Subject, slot: number): Operand {
  const known = subject.operands[slot];
  if (known !== undefined) return known;
  const operand = subject.rules.readers[slot]?.(subject) ?? null;
  subject.operands[slot] = operand;
  return operand;
}

function createReader(property: string): Reader {
  const readTrait: Reader = (subject) => toOperand(traitOf(subject, property));
  if (!property.startsWith("$.")) return readTrait;
  const path = parsePath(property);
  if (path === "syntax") return readTrait;
  if (path === "invalid") return () => BROKEN;
  return (subject) => {
    // A trait that has the path for its name goes first.
    const trait = traitOf(subject, property) ?? null;
    if (trait !== null) return toOperand(trait);
    const found = findFirst(path, subject.root());
    return typeof found === "object" && !isWholeFloat(found) ? null : toOperand(found);
  };
}

function traitOf(subject: Subject, name: string): unknown {
  return subject.traits === null ? undefined : ownValue(subject.traits, name);
}
