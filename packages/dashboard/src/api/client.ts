/**
 * Asks this server's API. The browser sends the session's cookie by itself, and with every write the Origin by which the
 * server knows its own pages; there is no token to keep.
 */
import { ApiError, errorOf } from "./errors.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type QueryValue = string | number | boolean | null | undefined;

export interface RequestOptions {
  /** Sent as JSON; a Blob (a file to import) as it is. */
  readonly body?: unknown;
  /** Values that are undefined, null or "" are left out. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly signal?: AbortSignal;
  /** The ETag of what the page shows: the write is refused (412, `isConflict`) where somebody else was quicker. */
  readonly ifMatch?: string | null | undefined;
  /** Only where there is none yet; else it is refused in the same way. */
  readonly ifNew?: boolean;
}

export interface Answer<T> {
  readonly data: T;
  readonly status: number;
  /** For `ifMatch` of a later write; null where the route gives none. */
  readonly etag: string | null;
}

/** A path with its parts percent-encoded once: apiPath`/environments/${key}/identities/by-identifier/${identifier}/`. */
export function apiPath(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return `/api/v1${parts.reduce((path, part, i) => path + encodeURIComponent(values[i - 1] ?? "") + part)}`;
}

function addressOf(path: string, query: RequestOptions["query"] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  return search.size > 0 ? `${path}?${search}` : path;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return response.ok ? text : undefined;
  }
}

/** Throws ApiError for every answer that is not 2xx, and for none at all; an abort stays an AbortError. */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  const { body, query, signal, ifMatch, ifNew } = options;
  const isRaw = body instanceof Blob;
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined && !isRaw) headers["Content-Type"] = "application/json";
  if (ifMatch) headers["If-Match"] = ifMatch;
  if (ifNew) headers["If-None-Match"] = "*";
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) init.body = isRaw ? body : JSON.stringify(body);
  if (signal) init.signal = signal;
  let response: Response;
  let answered: unknown;
  try {
    response = await fetch(addressOf(path, query), init);
    answered = await bodyOf(response);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw errorOf(0, undefined);
  }
  if (!response.ok) throw errorOf(response.status, answered);
  return { data: answered as T, status: response.status, etag: response.headers.get("etag") };
}

const dataOf = async <T>(answer: Promise<Answer<T>>): Promise<T> => (await answer).data;

/** The common cases, which want the body and nothing else. */
export const api = {
  get: <T>(path: string, options?: RequestOptions) => dataOf(request<T>("GET", path, options)),
  post: <T = void>(path: string, body?: unknown, options?: RequestOptions) =>
    dataOf(request<T>("POST", path, { ...options, body })),
  put: <T = void>(path: string, body?: unknown, options?: RequestOptions) =>
    dataOf(request<T>("PUT", path, { ...options, body })),
  patch: <T = void>(path: string, body?: unknown, options?: RequestOptions) =>
    dataOf(request<T>("PATCH", path, { ...options, body })),
  delete: <T = void>(path: string, options?: RequestOptions) => dataOf(request<T>("DELETE", path, options)),
};

/** Whether asking again could help: not where the server has decided. */
export const isWorthRetrying = (error: unknown): boolean =>
  error instanceof ApiError ? error.status === 0 || error.status >= 502 : false;
