/** Which of an identity's flags are shown. */
import { differs, type Everybodys, type ExplainedFlag } from "./identity-queries.ts";

export type Show = "overridden" | "differs" | undefined;

const RANK = { override: 0, segment: 1, split: 2, default: 3 } as const;

export interface Filter {
  readonly q: string;
  readonly show: Show;
  readonly everybodysOf: (feature: number) => Everybodys | undefined;
}

/** What is special of this identity comes first, then by name. */
export function flagsShown(flags: readonly ExplainedFlag[], { q, show, everybodysOf }: Filter): ExplainedFlag[] {
  const wanted = q.trim().toLowerCase();
  const isShown = (flag: ExplainedFlag): boolean => {
    if (!flag.feature.name.toLowerCase().includes(wanted)) return false;
    if (show === "overridden") return flag.source === "override";
    return show !== "differs" || differs(flag, everybodysOf(flag.feature.id));
  };
  return flags
    .filter(isShown)
    .sort((a, b) => RANK[a.source] - RANK[b.source] || a.feature.name.localeCompare(b.feature.name));
}
