/** Names of features against their project's pattern. By the engine: Python's dialect, in linear time whatever the pattern. */
import { evaluate } from "@burgee/engine";

function matches(pattern: string, name: string): boolean {
  const rule = {
    type: "ALL" as const,
    conditions: [{ property: "name", operator: "REGEX", value: pattern }],
    rules: [],
  };
  const { segments } = evaluate({
    environment: { key: "names", name: "names" },
    identity: { identifier: "name", key: "name", traits: { name } },
    features: {},
    segments: { names: { key: "names", name: "names", rules: [rule] } },
  });
  return segments.length > 0;
}

/** Whether the whole name matches. */
export const matchesNamePattern = (pattern: string, name: string): boolean => matches(`(?:${pattern})$`, name);

/** Whether the pattern can be matched at all: what may stay out matches everything, unless it cannot be read. */
export const isNamePattern = (pattern: string): boolean => matches(`(?:${pattern})?`, "a");
