/** An evaluated identity as Flagsmith tells its webhook integration of it. */
import { parseJson } from "@burgee/contract/sdk";
import { matchSegments } from "@burgee/engine";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import type { Origin } from "../../http/sdk-door.ts";
import type { Identified } from "./identity-service.ts";
import { presentTraits } from "./present-identity.ts";

/** Whoever wants to hear of evaluations. */
export interface EvaluationListener {
  /** Asked for every answer. */
  wants(environmentId: number): boolean;
  /** Must not take time; `body` may be asked for later. */
  evaluated(environmentId: number, body: () => unknown): void;
}

/** Keeps 2.0 apart from 2. */
function parseList(text: string): Record<string, unknown>[] {
  const parsed = parseJson(`[${text}]`);
  return (parsed.ok ? parsed.value : JSON.parse(`[${text}]`)) as Record<string, unknown>[];
}

/** The weight of the variant whose value came out; Flagsmith looks it up by the value. */
function percentageOf({ state }: Identified["outcomes"][number], value: unknown): number | null {
  const share = state.multivariate_feature_state_values.find(
    (candidate) => candidate.multivariate_feature_option.value === value,
  );
  return share?.percentage_allocation ?? null;
}

export function presentEvaluated(environment: LoadedEnvironment, origin: Origin, identified: Identified): unknown {
  const book = environment.flags[origin];
  const visible = identified.outcomes.filter(book.isVisible);
  const flags = parseList(book.identityTexts(identified.outcomes, identified.id).join(",")).map((flag, i) => {
    const { feature_state_value: value } = flag;
    const outcome = visible[i];
    return value && outcome ? { ...flag, percentage_allocation: percentageOf(outcome, value) } : flag;
  });
  const isMember = new Set(matchSegments(environment.compiled, identified.identity).map((segment) => segment.id));
  const segments = environment.compiled.segments.flatMap(({ segment }) =>
    segment ? [{ id: segment.id, name: segment.name, member: isMember.has(segment.id) }] : [],
  );
  return { identity: identified.identifier, traits: parseList(presentTraits(identified)), flags, segments };
}
