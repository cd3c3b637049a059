/** What an audit entry holds, as lines a person can read. */

const words = (field: string): string => field.replaceAll("_", " ");

/** Lists and objects come as their JSON; here they become indented lines. */
export function valueLines(value: unknown, depth = 0): string[] {
  const indent = "  ".repeat(depth);
  if (value === null || value === undefined || value === "") return [`${indent}nothing`];
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}none`];
    return value.flatMap((item) => {
      const [first = "", ...rest] = valueLines(item, depth + 1);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  if (typeof value === "object") {
    const entries = Object.entries(value).filter(([, inner]) => !isEmpty(inner));
    if (entries.length === 0) return [`${indent}none`];
    return entries.flatMap(([field, inner]) => {
      const lines = valueLines(inner, depth + 1);
      const isFlat = lines.length === 1 && (typeof inner !== "object" || inner === null);
      return isFlat ? [`${indent}${words(field)}: ${lines[0]?.trim()}`] : [`${indent}${words(field)}:`, ...lines];
    });
  }
  if (typeof value === "boolean") return [`${indent}${value ? "yes" : "no"}`];
  return String(value)
    .split("\n")
    .map((line) => `${indent}${line}`);
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0);

export function readStored(value: unknown): unknown {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

export const fieldWords = words;

/** "Ana Ruiz", the key's name, or the part of the program. */
export function authorOf(entry: {
  readonly author: { readonly first_name: string; readonly last_name: string; readonly email: string } | null;
  readonly actor: string;
}): string {
  const { author, actor } = entry;
  if (author) return `${author.first_name} ${author.last_name}`.trim() || author.email;
  if (actor.startsWith("key:")) return `key ${actor.slice(4)}`;
  if (actor.startsWith("user:")) return "somebody who is gone";
  return actor;
}
