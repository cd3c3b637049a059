/** One environment as the read lane holds it: settings, the compiled document, and what flags look like on the wire. */
import type { CompiledEnvironment, MultivariateValue } from "@burgee/engine";
import type { FlagBook } from "./flag-book.ts";

export interface FeatureInfo {
  readonly id: number;
  readonly name: string;
  readonly type: "STANDARD" | "MULTIVARIATE";
  /** ISO-8601, UTC, microseconds. */
  readonly createdDate: string;
  readonly description: string | null;
  readonly initialValue: string | null;
  readonly defaultEnabled: boolean;
  readonly isServerKeyOnly: boolean;
}

export type OptionInfo = MultivariateValue["multivariate_feature_option"];

export interface LoadedEnvironment {
  readonly id: number;
  readonly projectId: number;
  readonly organisationId: number;
  readonly apiKey: string;
  readonly name: string;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /** Whether the change before the last was in the same second: who knows only the second may have either. */
  readonly changedTwiceInSecond: boolean;
  /** Epoch seconds with six decimals: the header, the stream's data. */
  readonly updatedAtSeconds: string;
  readonly allowClientTraits: boolean;
  readonly persistTraitData: boolean;
  readonly stopServingFlags: boolean;
  readonly hideSensitiveData: boolean;
  /** The environment's own switch, or its project's where that is null. */
  readonly hideDisabledFlags: boolean;
  readonly compositeHashKey: boolean;
  readonly realtime: boolean;
  readonly overridesInLocalEval: boolean;
  /** Without identity overrides: those are read with the identity. */
  readonly compiled: CompiledEnvironment;
  readonly features: ReadonlyMap<number, FeatureInfo>;
  readonly options: ReadonlyMap<number, OptionInfo>;
  readonly flags: { readonly client: FlagBook; readonly server: FlagBook };
}
