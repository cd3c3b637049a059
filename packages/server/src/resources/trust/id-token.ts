/** ID tokens of other platforms: read, and checked against the keys that their issuer publishes. */
import { createPublicKey, type JsonWebKeyInput, type KeyObject, verify } from "node:crypto";
import { z } from "zod";

/** Why a token is not taken; for the log, since the answer says nothing of it. */
export class TokenFault extends Error {}

const headerSchema = z.object({ alg: z.string(), kid: z.string().optional() });
const claimsSchema = z.looseObject({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string()).max(20)]),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  sub: z.string().optional(),
});
export type Claims = z.output<typeof claimsSchema>;

export interface IdToken {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly claims: Claims;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const part = (text: string): unknown => JSON.parse(Buffer.from(text, "base64url").toString("utf8"));

/** Nothing of it is true yet. undefined = no such token. */
export function readIdToken(token: string): IdToken | undefined {
  const parts = token.split(".");
  const [head = "", body = "", signature = ""] = parts;
  if (parts.length !== 3) return undefined;
  try {
    const { alg, kid } = headerSchema.parse(part(head));
    return {
      algorithm: alg,
      keyId: kid,
      claims: claimsSchema.parse(part(body)),
      signed: Buffer.from(`${head}.${body}`, "utf8"),
      signature: Buffer.from(signature, "base64url"),
    };
  } catch {
    return undefined;
  }
}

interface Algorithm {
  readonly hash: string | null;
  readonly keyType: string;
  readonly options?: { readonly padding?: number; readonly dsaEncoding?: "ieee-p1363" };
}

/** Only signatures with a public key: "none", and secrets that both sides know, are no proof. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: { hash: "RSA-SHA256", keyType: "rsa" },
  RS384: { hash: "RSA-SHA384", keyType: "rsa" },
  RS512: { hash: "RSA-SHA512", keyType: "rsa" },
  ES256: { hash: "sha256", keyType: "ec", options: { dsaEncoding: "ieee-p1363" } },
  ES384: { hash: "sha384", keyType: "ec", options: { dsaEncoding: "ieee-p1363" } },
  EdDSA: { hash: null, keyType: "ed25519" },
};

function keyOf(jwk: PublishedKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    return undefined;
  }
}

export type PublishedKey = JsonWebKeyInput["key"] & { readonly kid?: string; readonly use?: string };

/** Throws TokenFault unless one of the keys signed it. */
export function assertSigned(token: IdToken, keys: readonly PublishedKey[]): void {
  const algorithm = ALGORITHMS[token.algorithm];
  if (!algorithm || !Object.hasOwn(ALGORITHMS, token.algorithm))
    throw new TokenFault("signed in a way that is not taken");
  const fitting = keys.filter((key) => token.keyId === undefined || key.kid === token.keyId);
  for (const jwk of fitting) {
    const key = keyOf(jwk);
    if (key?.asymmetricKeyType !== algorithm.keyType) continue;
    if (verify(algorithm.hash, token.signed, { key, ...algorithm.options }, token.signature)) return;
  }
  throw new TokenFault("not signed by its issuer");
}

const LEEWAY_SECONDS = 60;

/** Throws TokenFault outside of its time. */
export function assertInTime({ exp, nbf }: Claims, nowMs: number): void {
  const now = nowMs / 1000;
  if (exp + LEEWAY_SECONDS < now) throw new TokenFault("expired");
  if (nbf !== undefined && nbf - LEEWAY_SECONDS > now) throw new TokenFault("not valid yet");
}

export interface ClaimRule {
  readonly claim: string;
  readonly values: readonly string[];
}

/** `*` stands for any run of characters; everything else for itself. In time that grows with the text and not faster. */
export function matchesPattern(text: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? "";
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const middle of rest) {
    const at = text.indexOf(middle, from);
    if (at < 0 || at + middle.length > end) return false;
    from = at + middle.length;
  }
  return from <= end;
}

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((each: unknown) =>
    typeof each === "string" || typeof each === "number" || typeof each === "boolean" ? [String(each)] : [],
  );

export const holdsRules = (claims: Claims, rules: readonly ClaimRule[]): boolean =>
  rules.length > 0 &&
  rules.every(({ claim, values }) => {
    const held = Object.hasOwn(claims, claim) ? textsOf(claims[claim]) : [];
    return held.some((text) => values.some((pattern) => matchesPattern(text, pattern)));
  });
