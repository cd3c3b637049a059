/** Password hashes: better-auth's scrypt, which works off the serving thread. */

/** Loaded when first needed, like everything of better-auth's. */
const loadCrypto = () => import("better-auth/crypto");

export async function hashPassword(password: string): Promise<string> {
  const crypto = await loadCrypto();
  return crypto.hashPassword(password);
}

export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  const crypto = await loadCrypto();
  return crypto.verifyPassword({ hash, password });
}
