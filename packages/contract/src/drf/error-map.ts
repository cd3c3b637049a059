/** Django REST's words for what plain zod schemas complain of, so that both kinds of schema can be mixed. */
import type { z } from "zod";
import { pythonText, pythonTypeName } from "../python/python-text.ts";
import * as messages from "./messages.ts";

/** For zod's `error` option. A schema's own message goes before this one. Undefined leaves zod's own words. */
export function drfErrorMap(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(isIntSchema(issue) ? "int" : issue.expected, issue.input);
    case "too_big":
      return beyond(issue.origin, issue.maximum);
    case "too_small":
      return below(issue.origin, issue.minimum);
    case "invalid_value":
      return absent(issue.input) ?? messages.notChoice(pythonText(issue.input));
    case "invalid_format":
      return formats.get(issue.format) ?? "Enter a valid value.";
    default:
      return undefined;
  }
}

const formats: ReadonlyMap<string, string> = new Map([
  ["email", "Enter a valid email address."],
  ["url", "Enter a valid URL."],
  ["uuid", "Must be a valid UUID."],
  ["guid", "Must be a valid UUID."],
  ["regex", "This value does not match the required pattern."],
]);

function absent(input: unknown): string | undefined {
  if (input === undefined) return messages.required;
  return input === null ? messages.notNull : undefined;
}

function wrongType(expected: string, input: unknown): string | undefined {
  return absent(input) ?? typeWords(expected, pythonTypeName(input));
}

/** zod's int says "number" of what is no number at all. */
function isIntSchema(issue: z.core.$ZodRawIssue): boolean {
  const definition: object | undefined = issue.inst?._zod.def;
  return definition !== undefined && "format" in definition && definition.format === "safeint";
}

function typeWords(expected: string, type: string): string | undefined {
  switch (expected) {
    case "string":
      return messages.notString;
    case "boolean":
      return messages.notBoolean;
    case "int":
      return messages.notInteger;
    case "number":
      return messages.notNumber;
    case "object":
    case "record":
      return messages.notDictionary(type);
    case "array":
    case "tuple":
      return messages.notList(type);
    default:
      return undefined;
  }
}

function beyond(origin: string, limit: number | bigint): string | undefined {
  if (origin === "string") return messages.tooManyCharacters(Number(limit));
  if (origin === "array") return messages.tooManyElements(Number(limit));
  return origin === "number" || origin === "int" || origin === "bigint" ? messages.tooGreat(limit) : undefined;
}

function below(origin: string, limit: number | bigint): string | undefined {
  const isOne = Number(limit) === 1;
  if (origin === "string") return isOne ? messages.notBlank : messages.tooFewCharacters(Number(limit));
  if (origin === "array") return isOne ? messages.emptyList : messages.tooFewElements(Number(limit));
  return origin === "number" || origin === "int" || origin === "bigint" ? messages.tooSmall(limit) : undefined;
}
