/** What an override can serve: a variant by its name, the control value, or a value of its own. */
import type { IdentityOverride } from "@burgee/contract/admin";
import { type FlagValue, parseValue, valueInOneLine } from "../../components/value-format.ts";
import type { Feature } from "./identity-queries.ts";
import type { WantedOverride } from "./override-writes.ts";

/** Values of the choice's field that are no variant's key; a key is a slug and holds no colon. */
export const OWN_VALUE = "own:value";
export const AS_IT_IS = "as:it-is";

export interface ServedChoice {
  readonly value: string;
  readonly label: string;
}

type Option = Feature["multivariate_options"][number];

const optionValue = (option: Option): FlagValue =>
  option.type === "int" ? option.integer_value : option.type === "bool" ? option.boolean_value : option.string_value;

/** Variants without a key cannot be pinned: they have no name to be known by. */
export function servedChoices(feature: Feature | undefined, held: IdentityOverride | null): ServedChoice[] {
  const options = feature?.multivariate_options ?? [];
  if (options.length === 0) return [];
  const everybodys = feature?.environment_feature_state?.feature_state_value ?? null;
  return [
    { value: AS_IT_IS, label: held ? "What it gets now" : "Its variant, as everybody's split draws it" },
    ...options.flatMap((option) =>
      option.key === null
        ? []
        : [{ value: option.key, label: `Variant ${option.key}: ${valueInOneLine(optionValue(option), 40)}` }],
    ),
    { value: "control", label: `Control: ${valueInOneLine(everybodys, 40)}` },
    { value: OWN_VALUE, label: "A value of its own" },
  ];
}

export function firstChoice(feature: Feature | undefined, held: IdentityOverride | null): string {
  if ((feature?.multivariate_options.length ?? 0) === 0) return OWN_VALUE;
  return held?.variant ?? AS_IT_IS;
}

export const textOfValue = (value: FlagValue): string => (value === null ? "" : String(value));

/** The part of the body that says what is served. A text that was not touched stays the value it was ("5" stays text). */
export function servedOf(choice: string, text: string, before: FlagValue): Pick<WantedOverride, "value" | "variant"> {
  if (choice === AS_IT_IS) return {};
  if (choice !== OWN_VALUE) return { variant: choice };
  return { value: text === textOfValue(before) ? before : parseValue(text) };
}
