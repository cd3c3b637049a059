/** What crosses the wire: how bodies are read, and in whose words they are refused. */

export * from "./document/index.ts";
export * as drf from "./drf/index.ts";
export {
  pythonFloat,
  pythonLength,
  pythonRepr,
  pythonStrip,
  pythonText,
  pythonTypeName,
} from "./python/python-text.ts";
export * from "./sdk/index.ts";
