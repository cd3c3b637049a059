/** The query of an address as it was sent, read by form rules: a raw plus is a space. Cheaper than a URL object. */

/** The value of a parameter, the last one where it is repeated, as Django reads it; null where it is not there. */
export function queryValue(query: URLSearchParams, name: string): string | null {
  return query.getAll(name).at(-1) ?? null;
}

/** Everything after the first question mark; later ones are part of a value. */
export function readQuery(request: Request): URLSearchParams {
  const at = request.url.indexOf("?");
  return new URLSearchParams(at < 0 ? "" : request.url.slice(at + 1));
}
