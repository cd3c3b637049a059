/** Time-based one-time passwords (RFC 6238: SHA-1, 30 seconds, 6 digits), as authenticator apps make them. */
import { createHmac, timingSafeEqual } from "node:crypto";

const PERIOD_MS = 30_000;
const DIGITS = 6;

function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const at = (mac[mac.length - 1] ?? 0) & 0xf;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, "0");
}

/** Lengths in bytes: a code may be any text, and bytes are what is compared. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** One step early or late is fine: clocks differ. */
export function isTotp(secret: string, code: string, now: number): boolean {
  const step = Math.floor(now / PERIOD_MS);
  return [step - 1, step, step + 1].map((each) => isSame(codeAt(secret, each), code)).includes(true);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648, without padding. */
export function base32(text: string): string {
  let bits = 0;
  let value = 0;
  let out = "";
  for (const byte of Buffer.from(text)) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) out += ALPHABET[(value >> (bits - 5)) & 31];
  }
  return bits > 0 ? out + ALPHABET[(value << (5 - bits)) & 31] : out;
}

/** What the QR code of an authenticator app says. */
export function totpUri(secret: string, email: string): string {
  const query = new URLSearchParams({ secret: base32(secret), issuer: "Burgee", digits: String(DIGITS), period: "30" });
  return `otpauth://totp/${encodeURIComponent(`Burgee:${email}`)}?${query}`;
}
