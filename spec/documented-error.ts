/** Whether an error answer is one that the contract names: clients show these bodies, and some read them. */
import type { RawResponse } from "./raw-http.ts";

const DETAILS: Readonly<Record<number, RegExp>> = {
  403: /^(Invalid or missing Environment [kK]ey|Organisation is disabled from serving flags\.|Organisation is not authorised to store traits\.)$/,
  404: /^(Not found\.|Given feature not found)$/,
  405: /^Method "[A-Z]+" not allowed\.$/,
  406: /^Could not satisfy the request Accept header\.$/,
  413: /^Request body exceeded the limit of \d+ bytes\.$/,
  415: /^Unsupported media type "[\s\S]*" in request\.$/,
};

/** Texts, or objects of them by field, or lists of those by position. */
function isErrorMap(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  if (Array.isArray(value)) return value.every(isErrorMap);
  return typeof value === "object" && value !== null && Object.values(value).every(isErrorMap);
}

export function isDocumentedError({ status, headers, text }: RawResponse): boolean {
  if (text === "") return status === 412;
  if (!headers["content-type"]?.startsWith("application/json")) return false;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return false;
  }
  if (status === 400) return isErrorMap(body);
  const detail = (body as { detail?: unknown }).detail;
  if (status === 405 && headers["allow"] === undefined) return false;
  return (
    Object.keys(body as object).length === 1 && typeof detail === "string" && DETAILS[status]?.test(detail) === true
  );
}
