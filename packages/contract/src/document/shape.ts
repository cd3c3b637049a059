/** The shape of an environment document to import: strict where evaluation depends on it, tolerant of whatever else is there. */
import type {
  DocumentCondition,
  DocumentProject,
  DocumentRule,
  DocumentSegment,
  EnvironmentDocument,
  FeatureState,
  IdentityOverride,
  MultivariateValue,
} from "@burgee/engine";
import { z } from "zod";
import { type DocumentLimits, defaultDocumentLimits, documentLengths as lengths } from "./limits.ts";
import { conditionText, flagValue, id, percentage, someText, text } from "./text.ts";

/** Every operator a condition may have. */
export const conditionOperators = [
  "EQUAL",
  "NOT_EQUAL",
  "GREATER_THAN",
  "GREATER_THAN_INCLUSIVE",
  "LESS_THAN",
  "LESS_THAN_INCLUSIVE",
  "CONTAINS",
  "NOT_CONTAINS",
  "REGEX",
  "PERCENTAGE_SPLIT",
  "MODULO",
  "IS_SET",
  "IS_NOT_SET",
  "IN",
] as const;

const uuid = z.guid();
const feature = z.object({
  id: id.describe("Number of the feature, kept."),
  name: someText(lengths.featureName).describe("Its name."),
  type: text(lengths.variantKey).default("STANDARD").describe("STANDARD or MULTIVARIATE."),
});

const multivariateValue: z.ZodType<MultivariateValue> = z.object({
  id: id.nullable().default(null).describe("Variants are laid out in ascending order of it."),
  mv_fs_value_uuid: uuid.describe("Stands in for the id where that is null."),
  percentage_allocation: percentage.describe("Share of identities, 0 to 100."),
  multivariate_feature_option: z.object({
    id: id.describe("Number of the variant."),
    value: flagValue(lengths.flagText).describe("What the flag holds for it."),
    key: text(lengths.variantKey).nullable().default(null).describe("Its name, as answers report it."),
  }),
});

/** Engines take a list for IN, documents a text: its JSON means the same. */
function withListAsText(condition: unknown): unknown {
  const { operator, value } = Object(condition) as Record<string, unknown>;
  return operator === "IN" && Array.isArray(value)
    ? { ...(condition as object), value: JSON.stringify(value) }
    : condition;
}

const condition: z.ZodType<DocumentCondition> = z.preprocess(
  withListAsText,
  z.object({
    operator: z.enum(conditionOperators).describe("How the trait is compared."),
    property_: text(lengths.conditionText).nullable().default(null).describe("Key of the trait, or a $. path."),
    value: conditionText(lengths.conditionText).default(null).describe("What it is compared with."),
  }),
);

function stateSchema(limits: DocumentLimits): z.ZodType<FeatureState> {
  return z.object({
    feature,
    enabled: z.boolean().describe("Whether the flag is on."),
    django_id: id.nullable().default(null).describe("Seed of the variants' hash."),
    featurestate_uuid: uuid.describe("Seed of the hash where django_id is null."),
    feature_state_value: flagValue(lengths.flagText).describe("What the flag holds; the control value."),
    feature_segment: z
      .object({ priority: z.int().nullable().default(null).describe("The lowest wins.") })
      .nullable()
      .default(null),
    multivariate_feature_state_values: z.array(multivariateValue).max(limits.variants).default([]),
  });
}

function segmentSchema(limits: DocumentLimits, state: z.ZodType<FeatureState>): z.ZodType<DocumentSegment> {
  const rule: z.ZodType<DocumentRule> = z.object({
    type: z.enum(["ALL", "ANY", "NONE"]).describe("How the parts are combined."),
    rules: z
      .array(z.lazy(() => rule))
      .max(limits.rules)
      .default([]),
    conditions: z.array(condition).max(limits.rules).default([]),
  });
  return z.object({
    id: id.describe("Number of the segment, kept: percentage splits hash it."),
    name: someText(lengths.name).describe("Its name."),
    rules: z.array(rule).max(limits.rules),
    feature_states: z.array(state).max(limits.overrides).default([]).describe("Its overrides."),
  });
}

function projectSchema(limits: DocumentLimits, state: z.ZodType<FeatureState>): z.ZodType<DocumentProject> {
  return z.object({
    id,
    name: someText(lengths.name),
    hide_disabled_flags: z.boolean().default(false),
    enable_realtime_updates: z.boolean().default(false),
    server_key_only_feature_ids: z.array(id).max(limits.features).default([]),
    organisation: z.object({
      id,
      name: someText(lengths.name),
      feature_analytics: z.boolean().default(false),
      stop_serving_flags: z.boolean().default(false),
      persist_trait_data: z.boolean().default(true),
    }),
    segments: z.array(segmentSchema(limits, state)).max(limits.segments).default([]),
  });
}

function overrideSchema(limits: DocumentLimits, state: z.ZodType<FeatureState>): z.ZodType<IdentityOverride> {
  const date = text(lengths.date);
  return z.object({
    identifier: someText(lengths.identifier).describe("Whose override it is."),
    environment_api_key: text(lengths.apiKey).default(""),
    created_date: date.default("").describe('"" where unknown.'),
    django_id: id.nullable().default(null).describe("Number of the identity."),
    identity_uuid: date.default("").describe('"" where unknown.'),
    dashboard_alias: text(lengths.identifier).nullable().default(null),
    composite_key: text(lengths.apiKey + 1 + lengths.identifier).default(""),
    identity_traits: z.array(z.unknown().describe("Not looked at.")).default([]),
    identity_features: z.array(state).max(limits.overrides).default([]),
  });
}

/** The schema under given limits. What a document need not say gets Flagsmith's default. */
export function documentSchema(limits: DocumentLimits): z.ZodType<EnvironmentDocument> {
  const state = stateSchema(limits);
  const apiKey = someText(lengths.apiKey).refine((key) => !key.startsWith("ser."), "must be the client-side key");
  return z.object({
    id: id.describe("Number of the environment."),
    api_key: apiKey.describe("Its client-side key; hashes begin with it."),
    name: someText(lengths.name).describe("Its name."),
    updated_at: text(lengths.date).default("").describe('When it last changed; "" where unknown.'),
    allow_client_traits: z.boolean().default(true),
    hide_sensitive_data: z.boolean().default(false),
    hide_disabled_flags: z.boolean().nullable().default(null),
    use_identity_composite_key_for_hashing: z.boolean().default(true),
    use_identity_overrides_in_local_eval: z.boolean().default(true),
    project: projectSchema(limits, state),
    feature_states: z.array(state).max(limits.features),
    identity_overrides: z.array(overrideSchema(limits, state)).max(limits.identityOverrides).default([]),
  });
}

/** The document as it is answered and, without options, imported. */
export const environmentDocumentSchema = documentSchema(defaultDocumentLimits);
