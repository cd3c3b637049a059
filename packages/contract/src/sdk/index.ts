/** The runtime (SDK) API: request readers and response types. */
export {
  type Identify,
  identifySchema,
  readIdentify,
  readIdentifyBySchema,
  type SentTrait,
  traitSchema,
} from "./identify.ts";
export { type Reading, readWith } from "./result.ts";
export {
  isTraitInt,
  maxIdentifier,
  maxTraitKey,
  maxTraitText,
  type PresentTraitValue,
  traitTooLong,
  traitValue,
} from "./trait-value.ts";
