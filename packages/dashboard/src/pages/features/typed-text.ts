/** A value as it is typed. Pure. */
import { type FlagValue, parseValue } from "../../components/value-format.ts";

/** "isText" keeps what looks like a number as text. */
export interface TypedText {
  readonly text: string;
  readonly isText: boolean;
}

export const typedText = (value: FlagValue): TypedText => ({
  text: value === null ? "" : String(value),
  // What would be read as something else was kept as text on purpose.
  isText: typeof value === "string" && typeof parseValue(value) !== "string" && value !== "",
});

export const typedValue = ({ text, isText }: TypedText): FlagValue => (isText ? text : (parseValue(text) ?? ""));
