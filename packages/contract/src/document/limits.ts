/** How much of a document is read. Lengths are characters, counts are per list unless said; all can be overridden. */
export interface DocumentLimits {
  /** Of the whole text, UTF-8. */
  readonly bytes: number;
  readonly features: number;
  readonly segments: number;
  readonly identityOverrides: number;
  /** Overrides in one segment or one identity. */
  readonly overrides: number;
  /** Variants of one feature state. */
  readonly variants: number;
  /** Rules of one segment or rule, and conditions of one rule. */
  readonly rules: number;
  /** Rules inside rules; a segment's own are depth 1. */
  readonly ruleDepth: number;
  /** Problems named before reading stops. */
  readonly problems: number;
}

/** Far above what Flagsmith allows (400 features, 100 segments), low enough that a hostile file cannot fill the memory. */
export const defaultDocumentLimits: DocumentLimits = {
  bytes: 256 * 1024 * 1024,
  features: 20_000,
  segments: 20_000,
  identityOverrides: 1_000_000,
  overrides: 20_000,
  variants: 1_000,
  rules: 10_000,
  ruleDepth: 32,
  problems: 100,
};

/** Fixed by the columns and the wire, in characters. */
export const documentLengths = {
  apiKey: 100,
  name: 2000,
  featureName: 2000,
  flagText: 20_000,
  conditionText: 20_000,
  identifier: 2000,
  variantKey: 255,
  date: 64,
} as const;
