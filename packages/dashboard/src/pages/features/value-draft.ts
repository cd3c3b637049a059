/** What somebody has typed over a flag's value and shares, kept apart from what is saved: nobody's refresh can take it. Pure. */
import { type FlagPatch, type Option, type Served, servedValue, writtenValue } from "./feature-queries.ts";
import { isPartSame } from "./flag-touched.ts";
import { type TypedText, typedText, typedValue } from "./typed-text.ts";
import type { Weights } from "./weights.tsx";

export type Held = Pick<Served, "value" | "variants">;

export interface ValueDraft {
  /** What was there when the first letter was typed. */
  readonly base: Held;
  readonly value?: TypedText;
  /** Only those that were changed. */
  readonly weights?: Weights;
}

const weightsOf = ({ variants }: Held): Weights => Object.fromEntries(variants.map(({ id, weight }) => [id, weight]));

export const shownText = (draft: ValueDraft | undefined, now: Held): TypedText =>
  draft?.value ?? typedText(servedValue(now.value));

export const shownWeights = (draft: ValueDraft | undefined, now: Held): Weights => ({
  ...weightsOf(now),
  ...draft?.weights,
});

/** The draft with what was typed last; undefined where all is as it was. */
export function withTyped(
  draft: ValueDraft | undefined,
  now: Held,
  typed: Pick<ValueDraft, "value" | "weights">,
): ValueDraft | undefined {
  const base = draft?.base ?? now;
  const before = typedText(servedValue(base.value));
  const value = typed.value ?? draft?.value;
  const held = weightsOf(base);
  const weights = Object.fromEntries(
    Object.entries({ ...draft?.weights, ...typed.weights }).filter(
      ([id, weight]) => weight !== (held[Number(id)] ?? 0),
    ),
  );
  const isValueSame = value === undefined || (value.text === before.text && value.isText === before.isText);
  const areWeightsSame = Object.keys(weights).length === 0;
  if (isValueSame && areWeightsSame) return undefined;
  return { base, ...(!isValueSame && { value }), ...(!areWeightsSame && { weights }) };
}

type ServedPatch = NonNullable<FlagPatch["environment_default"]>;

/** What saving the draft writes: what differs from what is there, and nothing else. */
export function patchOf(draft: ValueDraft | undefined, now: Held, options: readonly Option[]): ServedPatch {
  if (!draft) return {};
  const value = draft.value && typedValue(draft.value);
  const weights = shownWeights(draft, now);
  const held = weightsOf(now);
  const isMoved = options.some(({ id }) => (weights[id] ?? 0) !== (held[id] ?? 0));
  return {
    ...(value !== undefined && value !== (servedValue(now.value) ?? "") && { value: writtenValue(value) }),
    ...(isMoved && { variants: options.map(({ id }) => ({ id, weight: weights[id] ?? 0 })) }),
  };
}

/** Whether what the draft is about has been changed by somebody else since. */
export const isOvertaken = (draft: ValueDraft, now: Held, patch: ServedPatch): boolean =>
  !isPartSame(draft.base, now, patch);
