/** Whom a bulk action is about. */
import { sayIdentities } from "./totals.ts";

export type Targets = { readonly identifiers: readonly string[] } | { readonly query: string } | { readonly all: true };

export const targetsOf = (selected: ReadonlySet<string>, isAll: boolean, q: string): Targets => {
  if (!isAll) return { identifiers: [...selected] };
  return q.trim() === "" ? { all: true } : { query: q };
};

export function sayTargets(targets: Targets): string {
  if ("identifiers" in targets) return sayIdentities(targets.identifiers.length);
  return "all" in targets ? "every identity of this environment" : `everybody found by ${targets.query}`;
}
