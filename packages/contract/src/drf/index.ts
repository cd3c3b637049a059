/** Django REST framework's requests on zod: `drf.object({...})`, `drf.parse(schema, body)`. */
export { dictionary, type ListOptions, list, many, maxUnsoundItems, nonFieldErrors, object } from "./containers.ts";
export { type ErrorBody, errorBody } from "./error-body.ts";
export { drfErrorMap } from "./error-map.ts";
export { accept, type Coerced, type Field, field, refuse } from "./field.ts";
export * as messages from "./messages.ts";
export { type Parsed, parse } from "./parse.ts";
export {
  boolean,
  characterFaults,
  choice,
  float,
  integer,
  isLongerThan,
  type NumberOptions,
  nullableBoolean,
  type StringOptions,
  string,
} from "./scalars.ts";
