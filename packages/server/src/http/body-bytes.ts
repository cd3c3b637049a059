/** The bytes of a body, bounded before they are held. */

/** "too large" past `limit` bytes, "broken" when the sender went away or the body was read before. */
export type Bytes = Uint8Array<ArrayBuffer> | "too large" | "broken";

/** A body that declares its length is taken whole; any other is counted as it arrives. Never throws. */
export async function readBytes(request: Request, limit: number): Promise<Bytes> {
  const declared = request.headers.get("content-length");
  try {
    if (declared === null) return await readCounted(request, limit);
    if (Number(declared) > limit) return "too large";
    const bytes = new Uint8Array(await request.arrayBuffer());
    return bytes.byteLength > limit ? "too large" : bytes;
  } catch {
    return "broken";
  }
}

async function readCounted(request: Request, limit: number): Promise<Bytes> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > limit) return "too large";
    chunks.push(chunk);
  }
  return join(chunks, size);
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
