/**
 * What a receiver verifies: Flagsmith's signature over the body, and Standard Webhooks' over id, time and body. Both are over the bytes
 * that are sent. Nothing is signed without a secret.
 */
import { createHmac } from "node:crypto";

export interface Message {
  /** The same whenever it is sent again. */
  readonly id: string;
  readonly body: string;
  readonly secret: string;
  /** Milliseconds since 1970; of this attempt. */
  readonly at: number;
}

const PREFIX = "whsec_";

/** Standard Webhooks writes keys as `whsec_` and base64; any other text is taken as it is. */
function keyOf(secret: string): Buffer {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : "";
  const decoded = Buffer.from(encoded, "base64");
  const isKey = decoded.length > 0 && decoded.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  return isKey ? decoded : Buffer.from(secret, "utf8");
}

export function signedHeaders({ id, body, secret, at }: Message): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    "User-Agent": "Burgee",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
  };
  if (secret === "") return headers;
  const standard = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`, "utf8").digest("base64");
  return {
    ...headers,
    "webhook-signature": `v1,${standard}`,
    "X-Flagsmith-Signature": createHmac("sha256", secret).update(body, "utf8").digest("hex"),
  };
}
