/** OFREP: OpenFeature's own way of asking for evaluations. */
export {
  maxOfrepAttributes,
  type OfrepContext,
  type OfrepErrorCode,
  type OfrepReading,
  readOfrepContext,
} from "./context.ts";
