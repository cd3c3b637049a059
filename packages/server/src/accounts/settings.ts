/** What the operator decides about accounts. */

export interface OidcSettings {
  /** Its /.well-known/openid-configuration says the rest. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** On the button. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** Whoever the provider lets in may have an account here, without an invitation. */
  readonly signUp: boolean;
  /** Take its e-mail addresses as verified even where it does not say so. */
  readonly trustEmail: boolean;
}

export interface MailSettings {
  /** smtp://USER:PASSWORD@HOST:PORT, or smtps://. */
  readonly url: string;
  /** Whom letters come from. */
  readonly from: string;
}

export interface AccountSettings {
  /** Without a slash at the end; asked when it is needed, because a free port is known only after listening. */
  readonly publicUrl: () => string;
  readonly secret: string;
  /** Anybody may sign up, without an invitation. */
  readonly openSignUp: boolean;
  readonly oidc?: OidcSettings | undefined;
  /** Without it, the operator hands links over. */
  readonly mail?: MailSettings | undefined;
  /** How many proxies in front write X-Forwarded-For. */
  readonly trustedProxies: number;
}

/** Where better-auth answers. */
export const BASE_PATH = "/api/auth";

/** In this header our door tells better-auth who is at the other end; whatever the client wrote there is overwritten. */
export const ADDRESS_HEADER = "x-burgee-client-address";
