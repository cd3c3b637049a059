/** What is wrong with a document, in words for whoever has to mend it. */
import type { z } from "zod";

export interface DocumentProblem {
  /** Where, such as `project.segments[3].rules[0].conditions[2].operator`; "" is the document as a whole. */
  readonly path: string;
  /** What, so that "path: message" reads as a sentence. */
  readonly message: string;
}

/** Keys are joined by dots, places in lists stand in brackets. */
function writePath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text;
}

export function toProblem(issue: z.core.$ZodIssue): DocumentProblem {
  return { path: writePath(issue.path), message: issue.message };
}

const kinds: ReadonlyMap<string, string> = new Map([
  ["string", "a text"],
  ["number", "a number"],
  ["int", "a whole number"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "an object"],
]);

/** For zod's `error` option. */
export function documentErrorMap(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is required" : `must be ${kinds.get(issue.expected) ?? issue.expected}`;
    case "invalid_value":
      return issue.input === undefined ? "is required" : `must be one of ${issue.values.map(String).join(", ")}`;
    case "invalid_format":
      return `must be a ${issue.format === "guid" ? "uuid" : issue.format}`;
    case "too_big":
      return `must be at most ${issue.maximum}${issue.origin === "array" ? " items" : ""}`;
    case "too_small":
      return `must be at least ${issue.minimum}`;
    default:
      return undefined;
  }
}
