/** For handlers of others that read bodies without a limit: the socket's own is that of imports. */
import { json } from "./headers.ts";

/** The refusal, where there is one: a body has to say its length, and may not be longer than `limit` bytes. */
export function refuseLongBody({ headers }: Request, limit: number): Response | undefined {
  if (headers.has("transfer-encoding")) return json(411, { detail: "Say the length of the body." });
  if (Number(headers.get("content-length") ?? 0) <= limit) return undefined;
  return json(413, { detail: `Request body exceeded the limit of ${limit} bytes.` });
}
