/** Bytes to text, strictly: bytes that are no text are refused, not replaced. */

export type DecodedText = { ok: true; value: string } | { ok: false; detail: string };

/** What is said of bytes that are not UTF-8, much as Python says it. */
export const notUtf8 = "'utf-8' codec can't decode the request body";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Decodes by charset (UTF-8 without one). `prefix` goes before what is wrong with the bytes. Never throws. */
export function decodeBody(bytes: Uint8Array, charset: string | undefined, prefix: string): DecodedText {
  const decoder = charset === undefined ? utf8 : decoderFor(charset);
  if (decoder === undefined) {
    return { ok: false, detail: `Unsupported charset "${charset}" in request Content-Type header.` };
  }
  try {
    return { ok: true, value: decoder.decode(bytes) };
  } catch {
    return { ok: false, detail: prefix + notUtf8.replace("utf-8", decoder.encoding) };
  }
}

function decoderFor(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return undefined;
  }
}

/**
 * Whether a text holding U+FFFD came from `byteLength` bytes that held it too, rather than bad bytes in its place. Three bad
 * bytes that one U+FFFD replaces (an emoji cut short) pass for sound; the text they leave is sound too.
 */
export function isWhollyUtf8(text: string, byteLength: number): boolean {
  const length = new TextEncoder().encode(text).byteLength;
  const orderMark = 3;
  return length === byteLength || length + orderMark === byteLength;
}

/** A parameter of a header value such as `application/json; charset=utf-8`, unquoted; undefined when absent or empty. */
export function parameterOf(headerValue: string, name: string): string | undefined {
  for (const part of headerValue.split(";").slice(1)) {
    const equals = part.indexOf("=");
    if (part.slice(0, equals).trim().toLowerCase() !== name) continue;
    return (
      part
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, "$1") || undefined
    );
  }
  return undefined;
}
