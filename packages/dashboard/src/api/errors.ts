/** What a refusal of the server means to a page. */

export type Fields = Readonly<Record<string, string>>;

/** Where the text of a search is at fault. */
export interface Spot {
  readonly position: number;
  readonly length: number;
}

interface Refusal {
  readonly status: number;
  /** One sentence for a person. */
  readonly message: string;
  /** By field of the form, the first complaint. */
  readonly fields: Fields;
  readonly body: unknown;
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 0 = the server was not reached. */
  readonly status: number;
  readonly fields: Fields;
  readonly body: unknown;

  constructor({ status, message, fields, body }: Refusal) {
    super(message);
    this.status = status;
    this.fields = fields;
    this.body = body;
  }

  /** Somebody else has changed it meanwhile; `body` is the thing as it is now. */
  get isConflict(): boolean {
    return this.status === 412;
  }

  get spot(): Spot | undefined {
    const { position, length } = isRecord(this.body) ? this.body : {};
    return typeof position === "number" && typeof length === "number" ? { position, length } : undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const SENTENCES: Readonly<Record<number, string>> = {
  0: "The server cannot be reached. Check the connection and try again.",
  401: "Please sign in.",
  403: "You may not do this.",
  404: "There is no such thing here, or you may not see it.",
  409: "It conflicts with something that exists.",
  412: "Somebody else has changed this meanwhile.",
  413: "That is too large.",
  429: "Too many tries. Wait a little.",
  500: "Something went wrong on the server.",
  503: "The database is not available. Try again in a moment.",
};

/** The first text in whatever depth: "x", ["x"], [{}, {"a": ["x"]}]. */
function firstText(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  const inner = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  for (const item of inner) {
    const text = firstText(item);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Keys that speak of the whole request: Django's, and those of the sign-in under /api/auth/. */
const WHOLE = ["detail", "non_field_errors", "message"] as const;
const NO_FIELD = new Set<string>([...WHOLE, "error", "position", "length"]);

/** A `code` is the kind of refusal as text, a field of a form as a list of complaints. */
const isField = (key: string, value: unknown): boolean =>
  !NO_FIELD.has(key) && (key !== "code" || Array.isArray(value));

/** Reads Django REST's bodies ({field: [texts]}, {detail}, [texts]) and better-auth's ({code, message}). */
export function errorOf(status: number, body: unknown): ApiError {
  const plain = SENTENCES[status] ?? (status >= 500 ? SENTENCES[500] : undefined) ?? "That was not accepted.";
  if (!isRecord(body)) return new ApiError({ status, message: firstText(body) ?? plain, fields: {}, body });
  const fields = Object.fromEntries(
    Object.entries(body).flatMap(([key, value]) => {
      const text = isField(key, value) ? firstText(value) : undefined;
      return text === undefined ? [] : [[key, text]];
    }),
  );
  const said = WHOLE.map((key) => firstText(body[key])).find((text) => text !== undefined);
  const [name, text] = Object.entries(fields)[0] ?? [];
  const first = name && text ? `${name.replaceAll("_", " ")}: ${text}` : undefined;
  // The door's own words for these say less than ours.
  const isStock = said === "Not found." || said === "You do not have permission to perform this action.";
  return new ApiError({ status, message: (isStock ? undefined : said) ?? first ?? plain, fields, body });
}

/** A sentence for a person, whatever was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return error instanceof Error && error.message !== "" ? error.message : "Something went wrong.";
}

interface Asked {
  readonly data: unknown;
  readonly error: Error | null;
}

/**
 * What keeps a question's answer from being shown. Asking again may fail, as while the server starts anew: what was there
 * stays, with whatever has been typed into it, unless it is gone or no longer to be seen.
 */
export function blockingError({ data, error }: Asked): Error | null {
  if (error === null || data === undefined) return error;
  const isGone = error instanceof ApiError && (error.status === 404 || error.status === 403);
  return isGone ? error : null;
}

/** The complaint about one field of a form. */
export const fieldError = (error: unknown, field: string): string | undefined =>
  error instanceof ApiError ? error.fields[field] : undefined;

/** What is to be said above a form: whatever its fields (those named) do not show themselves. */
export function formError(error: unknown, fields: readonly string[]): string | undefined {
  if (error === null || error === undefined) return undefined;
  if (error instanceof ApiError && fields.some((field) => field in error.fields)) return undefined;
  return messageOf(error);
}
