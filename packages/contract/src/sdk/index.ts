/** The runtime (SDK) API: request readers and response types. */
export { type JsonResult, maxJsonDepth, parseJson } from "../json/parse-json.ts";
export { isWholeFloat, wholeFloat } from "../json/whole-float.ts";
export { storeTraitValue, writeText, writeTraitValue } from "../json/write-json.ts";
export { analyticsV2Schema, type FeatureReport, readAnalyticsV1, readAnalyticsV2 } from "./analytics.ts";
export { anonymousIdentifier, type IdentifierSources } from "./anonymous-identifier.ts";
export {
  type EventsReading,
  eventLimits,
  exposureEvent,
  type RejectedEvent,
  readEvents,
  type SdkEvent,
} from "./events.ts";
export {
  bulkIdentifySchema,
  type Identify,
  identifySchema,
  maxBulkIdentities,
  readBulkIdentify,
  readIdentify,
  readIdentifyBySchema,
  type SentTrait,
  traitSchema,
} from "./identify.ts";
export {
  detailSchema,
  type Flag,
  featureSchema,
  flagSchema,
  flagValueSchema,
  type IdentityFlag,
  type IdentityResponse,
  identityFlagSchema,
  identityResponseSchema,
  type TraitResponse,
  traitResponseSchema,
} from "./responses.ts";
export { type Reading, readWith } from "./result.ts";
export {
  isTraitInt,
  maxIdentifier,
  maxTraitKey,
  maxTraitText,
  type PresentTraitValue,
  traitNotFinite,
  traitOutOfRange,
  traitTooLong,
  traitValue,
} from "./trait-value.ts";
export {
  type Increment,
  incrementSchema,
  readBulkDeletions,
  readBulkTraits,
  readIncrement,
  readLegacyTrait,
  readTrait,
  type TraitInput,
  traitInputSchema,
} from "./traits.ts";
