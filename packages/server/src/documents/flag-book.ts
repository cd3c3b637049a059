/**
 * Flags as bytes. Every way a flag can come out is known once an environment is compiled, so its JSON is written once
 * and an answer is those texts put together. One book a key kind, because client keys do not see everything.
 */
import type { Outcome } from "@burgee/engine";
import type { FeatureInfo } from "./loaded.ts";
import { stateInfo } from "./states.ts";

export interface FlagBookSource {
  readonly environmentId: number;
  readonly hideSensitiveData: boolean;
  readonly hideDisabledFlags: boolean;
  /** Outcomes in feature order, environment defaults. */
  readonly defaults: readonly Outcome[];
  readonly outcomes: readonly Outcome[];
  readonly feature: (id: number) => FeatureInfo | undefined;
}

export interface FlagBook {
  /** Whether this kind of key sees what came out. */
  isVisible(outcome: Outcome): boolean;
  /** The body of GET flags. */
  list(): Uint8Array<ArrayBuffer>;
  /** One flag of GET flags by name, any case; the first flag for "". */
  find(name: string): string | undefined;
  /** An identity's flags as JSON texts, in a list that is the caller's to change. `identityId` null = not stored. */
  identityTexts(outcomes: readonly Outcome[], identityId: number | null): string[];
  /** One flag of an identity by its exact name. */
  identityFind(outcomes: readonly Outcome[], name: string, identityId: number | null): string | undefined;
}

interface Visible {
  readonly withVariant: boolean;
  readonly identityId: number | null;
}

function presentFlag(source: FlagBookSource, outcome: Outcome, show: Visible): string {
  const { flag, state } = outcome;
  const info = source.feature(state.feature.id);
  const hide = source.hideSensitiveData;
  const feature = {
    id: state.feature.id,
    name: state.feature.name,
    type: info?.type ?? "STANDARD",
    created_date: hide ? null : (info?.createdDate ?? null),
    description: hide ? null : (info?.description ?? null),
    initial_value: hide ? null : (info?.initialValue ?? null),
    default_enabled: hide ? null : (info?.defaultEnabled ?? null),
  };
  const featureSegment = outcome.source === "segment" ? (stateInfo(state)?.featureSegmentId ?? null) : null;
  return JSON.stringify({
    id: hide ? null : (stateInfo(state)?.id ?? null),
    feature,
    feature_state_value: flag.value,
    environment: hide ? null : source.environmentId,
    identity: hide || outcome.source !== "identity" ? null : show.identityId,
    feature_segment: hide ? null : featureSegment,
    enabled: flag.enabled,
    ...(show.withVariant ? { variant: flag.variant } : {}),
  });
}

const encoder = new TextEncoder();

export function createFlagBook(source: FlagBookSource, origin: "client" | "server"): FlagBook {
  const isVisible = (outcome: Outcome): boolean => {
    if (source.hideDisabledFlags && !outcome.flag.enabled) return false;
    return origin === "server" || source.feature(outcome.state.feature.id)?.isServerKeyOnly !== true;
  };

  const listed = source.defaults.filter(isVisible);
  const plain = (outcome: Outcome) => presentFlag(source, outcome, { withVariant: false, identityId: null });

  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const names = new Map(listed.map((outcome) => [outcome.flag.name.toLowerCase(), outcome]));

  // One text an outcome, written when first needed; "" = hidden from this kind of key.
  const texts: (string | undefined)[] = new Array(source.outcomes.length);
  const textOf = (outcome: Outcome, identityId: number | null): string => {
    if (outcome.index < 0) {
      const show = { withVariant: true, identityId };
      return isVisible(outcome) ? presentFlag(source, outcome, show) : "";
    }
    const known = texts[outcome.index];
    if (known !== undefined) return known;
    const show = { withVariant: true, identityId: null };
    const text = isVisible(outcome) ? presentFlag(source, outcome, show) : "";
    texts[outcome.index] = text;
    return text;
  };

  return {
    isVisible,
    list: () => {
      bytes ??= encoder.encode(`[${listed.map(plain).join(",")}]`);
      return bytes;
    },
    find: (name) => {
      const outcome = name === "" ? listed[0] : names.get(name.toLowerCase());
      return outcome && plain(outcome);
    },
    identityTexts: (outcomes, identityId) => {
      const shown: string[] = [];
      for (let at = 0; at < outcomes.length; at += 1) {
        const outcome = outcomes[at] as Outcome;
        const flag = (outcome.index >= 0 && texts[outcome.index]) || textOf(outcome, identityId);
        if (flag !== "") shown.push(flag);
      }
      return shown;
    },
    identityFind: (outcomes, name, identityId) => {
      const outcome = outcomes.find((candidate) => candidate.flag.name === name);
      const text = outcome && textOf(outcome, identityId);
      return text === "" ? undefined : text;
    },
  };
}
