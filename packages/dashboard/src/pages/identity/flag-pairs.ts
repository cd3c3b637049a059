/** The flags of two answers side by side. */
import type { FlagValue } from "../../components/value-format.ts";
import type { ExplainedFlag, Feature } from "./identity-queries.ts";

export interface Side {
  readonly enabled: boolean;
  readonly value: FlagValue;
  readonly source: ExplainedFlag["source"];
  readonly segment: string | undefined;
  readonly summary: string;
}

export interface FlagPair {
  readonly feature: { readonly id: number; readonly name: string };
  readonly left: Side;
  readonly right: Side | undefined;
  /** What is served differs; where only the reason does, nothing changed for the application. */
  readonly isChanged: boolean;
}

const sideOf = ({ enabled, value, source, segment, summary }: ExplainedFlag): Side => ({
  enabled,
  value,
  source,
  segment: source === "segment" ? segment?.name : undefined,
  summary,
});

/** What everybody gets, as a side. */
export function defaultSide(feature: Feature, environment: string): Side | undefined {
  const state = feature.environment_feature_state;
  if (!state) return undefined;
  const summary = `As for everybody in ${environment}.`;
  return { enabled: state.enabled, value: state.feature_state_value, source: "default", segment: undefined, summary };
}

/** Changed ones first, then by name. */
export function pairFlags(left: readonly ExplainedFlag[], rightOf: (feature: number) => Side | undefined): FlagPair[] {
  return left
    .map((flag): FlagPair => {
      const right = rightOf(flag.feature.id);
      const isChanged = right !== undefined && (flag.enabled !== right.enabled || flag.value !== right.value);
      return { feature: flag.feature, left: sideOf(flag), right, isChanged };
    })
    .sort((a, b) => Number(b.isChanged) - Number(a.isChanged) || a.feature.name.localeCompare(b.feature.name));
}

export const rightFrom = (flags: readonly ExplainedFlag[]): ((feature: number) => Side | undefined) => {
  const byId = new Map(flags.map((flag) => [flag.feature.id, sideOf(flag)]));
  return (feature) => byId.get(feature);
};
