/** What crosses the wire: how bodies are read, and in whose words they are refused. */
export * as drf from "./drf/index.ts";
export { type JsonResult, maxJsonDepth, parseJson } from "./json/parse-json.ts";
export { isWholeFloat, wholeFloat } from "./json/whole-float.ts";
export { writeTraitValue } from "./json/write-json.ts";
export {
  pythonFloat,
  pythonLength,
  pythonRepr,
  pythonStrip,
  pythonText,
  pythonTypeName,
} from "./python/python-text.ts";
export * from "./sdk/index.ts";
