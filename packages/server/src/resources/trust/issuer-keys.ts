/** The keys that issuers publish, kept for a while. Issuers are named by administrators, and still are only asked with care. */
import { z } from "zod";
import { postGuarded } from "../../http/guarded-post.ts";
import { type PublishedKey, TokenFault } from "./id-token.ts";

export interface IssuerKeysDeps {
  readonly allowPrivate: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const discoverySchema = z.looseObject({ issuer: z.string(), jwks_uri: z.string() });
const keysSchema = z.looseObject({ keys: z.array(z.looseObject({ kid: z.string().optional() })).max(100) });

const KEPT_MS = 10 * 60_000;
/** A token that names an unknown key has its issuer asked again, so often at most. */
const AGAIN_MS = 60_000;
const MAX_ISSUERS = 200;
const READ_LIMIT = 256 * 1024;

export interface IssuerKeys {
  /** Throws TokenFault where the issuer does not answer as it should. */
  find(issuer: string, keyId: string | undefined): Promise<readonly PublishedKey[]>;
}

interface Held {
  readonly at: number;
  readonly keys: readonly PublishedKey[];
}

export function createIssuerKeys({ allowPrivate, now }: IssuerKeysDeps): IssuerKeys {
  const held = new Map<string, Held>();

  async function read<S extends z.ZodType>(url: string, schema: S): Promise<z.output<S>> {
    const get = { method: "GET" as const, body: "", headers: { Accept: "application/json" } };
    try {
      const answer = await postGuarded({ url, ...get, timeoutMs: 5000, allowPrivate, readLimit: READ_LIMIT });
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
      return schema.parse(JSON.parse(answer.body));
    } catch (error) {
      throw new TokenFault(`its issuer's keys cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  }

  async function ask(issuer: string): Promise<Held> {
    const discovery = await read(`${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`, discoverySchema);
    if (discovery.issuer !== issuer) throw new TokenFault("its issuer calls itself otherwise");
    if (!URL.canParse(discovery.jwks_uri) || !/^https?:/.test(discovery.jwks_uri)) {
      throw new TokenFault("its issuer names no place of keys");
    }
    const { keys } = await read(discovery.jwks_uri, keysSchema);
    const made = { at: now(), keys: keys as PublishedKey[] };
    held.delete(issuer);
    held.set(issuer, made);
    const [oldest] = held.keys();
    if (held.size > MAX_ISSUERS && oldest !== undefined) held.delete(oldest);
    return made;
  }

  return {
    find: async (issuer, keyId) => {
      const known = held.get(issuer);
      const age = known ? now() - known.at : Number.POSITIVE_INFINITY;
      const hasKey = keyId === undefined || known?.keys.some((key) => key.kid === keyId) === true;
      if (known && age < (hasKey ? KEPT_MS : AGAIN_MS)) return known.keys;
      return (await ask(issuer)).keys;
    },
  };
}
