/** Keys and tokens: random text for its holder, a hash for us. Their entropy makes a plain SHA-256 enough. */
import { createHash, randomBytes } from "node:crypto";

export const hashSecret = (secret: string): string => createHash("sha256").update(secret, "utf8").digest("hex");

export const randomSecret = (bytes = 24): string => randomBytes(bytes).toString("base64url");

export interface OrganisationKeySecret {
  /** Names the key in paths and logs; 8 characters. */
  readonly prefix: string;
  /** PREFIX.SECRET, for its holder, once. */
  readonly key: string;
  /** What is stored. */
  readonly hash: string;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function randomName(length: number): string {
  // 62 of 256: the last 8 values would favour the first letters, so they are drawn again.
  let name = "";
  while (name.length < length) {
    for (const byte of randomBytes(length)) if (byte < 248 && name.length < length) name += ALPHABET[byte % 62];
  }
  return name;
}

export function createOrganisationKeySecret(): OrganisationKeySecret {
  const prefix = randomName(8);
  const key = `${prefix}.${randomName(32)}`;
  return { prefix, key, hash: hashSecret(key) };
}
