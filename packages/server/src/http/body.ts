/**
 * Reads a request's body the way Django REST framework does: JSON, urlencoded and multipart forms, and its error bodies.
 * Whole body in memory, never more than the limit. What the value means is the contract's business.
 */
import { parseJson } from "@burgee/contract";
import { readBytes } from "./body-bytes.ts";
import { readForm, readMultipart } from "./body-form.ts";
import { decodeBody, isWhollyUtf8, notUtf8, parameterOf } from "./body-text.ts";

export interface BodyOptions {
  /** Bytes; a longer body is a 413. 1 MiB unless given. */
  readonly limit?: number;
  /** Fields of a form; more is a 400. 1000 unless given, as in Django. */
  readonly maxFormFields?: number;
  /** Files of a multipart form count as texts; else they are passed over. */
  readonly keepFiles?: boolean;
}

/** JSON null is a value like any other here; the contract's readers answer "No data provided" to it. */
export type BodyResult = { ok: true; value: unknown } | BodyRefusal;

export interface BodyRefusal {
  readonly ok: false;
  readonly status: 400 | 413 | 415;
  readonly body: { readonly detail: string };
}

const defaultLimit = 1024 * 1024;
const defaultMaxFormFields = 1000;

/** Reads and parses the body. Empty is `{}`; no content type is taken for JSON. Never throws, never rejects. */
export function readBody(request: Request, options: BodyOptions = {}): Promise<BodyResult> {
  const contentType = request.headers.get("content-type") ?? "";
  const declared = request.headers.get("content-length");
  if (declared === null || !isUtf8Json(contentType)) return readAnyBody(request, contentType, options);
  return readDeclaredJson(request, Number(declared), options.limit ?? defaultLimit);
}

async function readAnyBody(request: Request, contentType: string, options: BodyOptions): Promise<BodyResult> {
  const limit = options.limit ?? defaultLimit;
  const bytes = await readBytes(request, limit);
  if (bytes === "too large") return tooLarge(limit);
  if (bytes === "broken") return broken;
  if (bytes.byteLength === 0) return { ok: true, value: {} };
  return parseBody(bytes, contentType, options);
}

/** The hot path. `text()` is Bun's quickest way to a body, but it replaces bad bytes instead of refusing them. */
function readDeclaredJson(request: Request, declared: number, limit: number): Promise<BodyResult> {
  if (declared > limit) return Promise.resolve(tooLarge(limit));
  return request.text().then(
    (text) => readJsonText(text, declared, limit),
    () => broken,
  );
}

function readJsonText(text: string, declared: number, limit: number): BodyResult {
  if (text === "") return { ok: true, value: {} };
  if (text.length > limit) return tooLarge(limit);
  if (text.includes("\ufffd") && !isWhollyUtf8(text, declared)) return refusal(400, `JSON parse error - ${notUtf8}`);
  return fromJson(text);
}

function isUtf8Json(contentType: string): boolean {
  if (contentType === "application/json" || contentType === "") return true;
  if (mediaType(contentType) !== "application/json") return false;
  return /^(?:utf-?8)?$/i.test(parameterOf(contentType, "charset") ?? "");
}

function mediaType(contentType: string): string {
  const end = contentType.indexOf(";");
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

async function parseBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
  { maxFormFields: maxFields = defaultMaxFormFields, keepFiles }: BodyOptions,
): Promise<BodyResult> {
  switch (mediaType(contentType)) {
    case "":
    case "application/json": {
      const text = decodeBody(bytes, parameterOf(contentType, "charset"), "JSON parse error - ");
      return text.ok ? fromJson(text.value) : refusal(400, text.detail);
    }
    case "application/x-www-form-urlencoded": {
      const text = decodeBody(bytes, parameterOf(contentType, "charset"), "Form parse error - ");
      return text.ok ? fromForm(readForm(text.value, maxFields)) : refusal(400, text.detail);
    }
    case "multipart/form-data":
      return fromForm(await readMultipart(bytes, contentType, maxFields, keepFiles));
    default:
      return refusal(415, `Unsupported media type "${contentType}" in request.`);
  }
}

function fromJson(text: string): BodyResult {
  const parsed = parseJson(text);
  return parsed.ok ? parsed : refusal(400, `JSON parse error - ${parsed.detail}`);
}

function fromForm(form: { ok: true; value: unknown } | { ok: false; detail: string }): BodyResult {
  return form.ok ? form : refusal(400, form.detail);
}

function tooLarge(limit: number): BodyRefusal {
  return refusal(413, `Request body exceeded the limit of ${limit} bytes.`);
}

const broken = refusal(400, "The request body could not be read.");

function refusal(status: BodyRefusal["status"], detail: string): BodyRefusal {
  return { ok: false, status, body: { detail } };
}
