/** The language in which identities are looked for. Pure: no zod, no clock; runs in a browser. */
export { parseQuery } from "./parse-query.ts";
export { printQuery } from "./print-query.ts";
export {
  type Comparison,
  type ParsedQuery,
  type Place,
  type Query,
  type QueryTerm,
  type QueryTime,
  type QueryToken,
  type QueryValue,
  queryLimits,
  type TextMatch,
} from "./query.ts";
