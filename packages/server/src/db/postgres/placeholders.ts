/** `?` outside quotes becomes `$1`, `$2`, …; texts are few, and kept. */
const kept = new Map<string, string>();
const maxKept = 1_000;

export function numberPlaceholders(sql: string): string {
  const known = kept.get(sql);
  if (known !== undefined) return known;
  let count = 0;
  const numbered = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g, (part) => (part === "?" ? `$${++count}` : part));
  if (kept.size < maxKept) kept.set(sql, numbered);
  return numbered;
}
