/** The closed table of what can go wrong, by name. Doors turn a code into their own dialect's body; nothing else invents a status. */

export const errorCodes = {
  invalid: { status: 400, title: "The request is not valid." },
  unauthenticated: { status: 401, title: "Authentication is required." },
  forbidden: { status: 403, title: "This is not allowed." },
  not_found: { status: 404, title: "There is no such thing." },
  conflict: { status: 409, title: "It conflicts with something that exists." },
  precondition_failed: { status: 412, title: "It has changed meanwhile." },
  too_large: { status: 413, title: "The request is too large." },
  unsupported: { status: 415, title: "This kind of content is not understood." },
  too_many: { status: 429, title: "Too many tries. Wait a little." },
  internal: { status: 500, title: "Something went wrong." },
  database_busy: { status: 503, title: "The database is busy. Try again." },
  database_unavailable: { status: 503, title: "The database is not available. Try again later." },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCodes;
export type ErrorDetails = Readonly<Record<string, unknown>>;

export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(errorCodes[code].title, options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** Why the program cannot start. Its message is one line for a person. */
export class StartError extends Error {}
