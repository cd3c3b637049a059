/** What goes wrong is said in OAuth's own words (RFC 6749, 7591), since its clients read nothing else. */
import type { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";

export type OauthFault =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "invalid_redirect_uri"
  | "invalid_client_metadata";

export const oauthError = (error: OauthFault, description: string): AppError =>
  badRequest({ error, error_description: description });
