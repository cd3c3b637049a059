/** Which programs may ask to act for people, and where their answers may go. */
import { randomSecret } from "../../access/secrets.ts";
import type { Db } from "../../db/database.ts";
import { findClient, forgetUnusedClients, insertClient } from "./oauth.store.ts";
import { oauthError } from "./oauth-error.ts";

export interface Client {
  readonly clientId: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  /** Came with this server. */
  readonly isVerified: boolean;
}

/** Stock command lines know this one by heart. */
const COMMAND_LINE: Client = {
  clientId: "flagsmith-cli",
  name: "Flagsmith CLI",
  redirectUris: ["http://127.0.0.1/callback", "http://[::1]/callback"],
  isVerified: true,
};

export async function clientNamed(db: Db, clientId: string | undefined): Promise<Client> {
  if (clientId === COMMAND_LINE.clientId) return COMMAND_LINE;
  const row = clientId ? await findClient(db.kysely, clientId) : undefined;
  if (!row) throw oauthError("invalid_client", "The client is not known.");
  return {
    clientId: row.client_id,
    name: row.name,
    redirectUris: JSON.parse(row.redirect_uris) as string[],
    isVerified: false,
  };
}

const LOOPBACK = new Set(["127.0.0.1", "[::1]"]);

/** On this machine's own address the port is whatever was free (RFC 8252); anything else has to be the very same. */
function isRegistered(wanted: string, registered: string): boolean {
  if (wanted === registered) return true;
  if (!URL.canParse(wanted) || !URL.canParse(registered)) return false;
  const [one, other] = [new URL(wanted), new URL(registered)];
  if (other.protocol !== "http:" || !LOOPBACK.has(other.hostname)) return false;
  one.port = "";
  other.port = "";
  return one.href === other.href;
}

export function assertRedirect({ redirectUris }: Client, wanted: string | undefined): string {
  if (wanted && redirectUris.some((registered) => isRegistered(wanted, registered))) return wanted;
  throw oauthError("invalid_request", "The redirect_uri is not one of the client's.");
}

/** Browsers run these, or read files by them. */
const FORBIDDEN = new Set(["javascript:", "data:", "vbscript:", "file:", "about:", "blob:"]);
const LOCAL = new Set([...LOOPBACK, "localhost"]);

function redirectFault(uri: unknown): string | undefined {
  if (typeof uri !== "string" || uri.length > 2000 || !URL.canParse(uri)) return "is no address";
  const { protocol, hostname, hash, username } = new URL(uri);
  if (FORBIDDEN.has(protocol)) return "has a scheme that is not permitted";
  if (uri.includes("*") || hash !== "" || username !== "") return "must not hold wildcards, fragments or names";
  if (protocol === "http:" && !LOCAL.has(hostname)) return "must be https";
  return undefined;
}

const NAME = /^[\w .()-]{1,255}$/;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Registration {
  readonly client_name?: string | undefined;
  readonly redirect_uris?: unknown;
  readonly grant_types?: unknown;
  readonly response_types?: unknown;
  readonly token_endpoint_auth_method?: string | undefined;
}

function listAmong(value: unknown, allowed: readonly string[], name: string): readonly string[] {
  if (value === undefined || value === null) return allowed;
  const isKnown = Array.isArray(value) && value.length > 0 && value.every((each) => allowed.includes(each as string));
  if (isKnown) return value as string[];
  throw oauthError("invalid_client_metadata", `${name} may hold ${allowed.join(" and ")} only.`);
}

/** Anybody may: what it gets depends on the people who let it in. Only public clients, which keep no secret. */
export async function register(db: Db, wanted: Registration, now: number) {
  const name = (wanted.client_name ?? "").trim();
  if (!NAME.test(name)) {
    const rule = "letters, digits, spaces, hyphens, underscores, dots and parentheses";
    throw oauthError("invalid_client_metadata", `client_name is needed, of ${rule}.`);
  }
  const uris = wanted.redirect_uris;
  if (!Array.isArray(uris) || uris.length === 0 || uris.length > 5) {
    throw oauthError("invalid_redirect_uri", "redirect_uris is a list of one to five addresses.");
  }
  for (const uri of uris) {
    const fault = redirectFault(uri);
    if (fault) throw oauthError("invalid_redirect_uri", `A redirect address ${fault}.`);
  }
  if ((wanted.token_endpoint_auth_method || "none") !== "none") {
    throw oauthError("invalid_client_metadata", 'token_endpoint_auth_method must be "none".');
  }
  const grants = listAmong(wanted.grant_types, ["authorization_code", "refresh_token"], "grant_types");
  const responses = listAmong(wanted.response_types, ["code"], "response_types");
  await forgetUnusedClients(db.kysely, now - DAY_MS);
  const clientId = randomSecret(18);
  await insertClient(db.kysely, { clientId, name, redirectUris: uris as string[] }, now);
  return {
    client_id: clientId,
    client_name: name,
    redirect_uris: uris as string[],
    grant_types: grants,
    response_types: responses,
    token_endpoint_auth_method: "none",
    client_id_issued_at: Math.floor(now / 1000),
  };
}
