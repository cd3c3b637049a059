/** What kind of text a value is, for colouring and checking it; the server only ever sees the text. */
export const VALUE_FORMATS = ["text", "json", "yaml", "toml", "xml"] as const;
export type ValueFormat = (typeof VALUE_FORMATS)[number];

export type FlagValue = string | number | boolean | null;

/** A guess that a person may correct: JSON and XML when they look whole, else YAML or TOML by their first lines. */
export function detectFormat(text: string): ValueFormat {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed) && isJson(trimmed)) return "json";
  if (/^<[?!\w]/.test(trimmed) && trimmed.endsWith(">")) return "xml";
  const lines = trimmed.split("\n");
  if (lines.length < 2) return "text";
  if (
    lines.some((line) => /^\[[\w.-]+\]\s*$/.test(line)) ||
    lines.every((line) => /^(#.*|[\w.-]+\s*=.*|)$/.test(line))
  ) {
    return "toml";
  }
  return lines.every((line) => /^(\s*#.*|---|\s*[\w.-]+:(\s.*)?|\s*- .*|\s*)$/.test(line)) ? "yaml" : "text";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with a text in its format, in a sentence; only JSON can be told without loading a parser. */
export function formatFault(text: string, format: ValueFormat): string | undefined {
  if (format !== "json" || text.trim() === "") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `Not valid JSON: ${error.message}` : "Not valid JSON.";
  }
}

/** A value on one line: strings in quotes, so that "true" and true are told apart. */
export function valueInOneLine(value: FlagValue, longest = 120): string {
  if (value === null || value === "") return value === null ? "no value" : "“”";
  if (typeof value !== "string") return String(value);
  const line = value.replace(/\s+/g, " ").trim();
  return `“${line.length > longest ? `${line.slice(0, longest - 1)}…` : line}”`;
}

/** What somebody typed as a value: whole numbers and true/false become such, as the API keeps them. */
export function parseValue(text: string): FlagValue {
  const trimmed = text.trim();
  if (text === "") return null;
  if (trimmed === "true" || trimmed === "false") return trimmed === "true";
  if (/^-?\d{1,10}$/.test(trimmed) && String(Number(trimmed)) === trimmed) {
    const number = Number(trimmed);
    if (number >= -2_147_483_648 && number <= 2_147_483_647) return number;
  }
  return text;
}
