/** Cuts a file that arrives bit by bit into pieces of whole records, none of which is larger than a statement should carry. */
import type { ImportFormat } from "./read-rows.ts";

export interface Piece {
  readonly text: string;
  /** From 1. */
  readonly firstLine: number;
}

/** The file is at fault; its message is for people. */
export class SpoolFault extends Error {}

/** Characters. */
const PIECE = 256 * 1024;
const MAX_RECORD = 1024 * 1024;

export interface SpoolOptions {
  readonly format: ImportFormat;
  /** Bytes. */
  readonly limit: number;
  readonly pieceSize?: number;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/**
 * Where the last whole record ends. In CSV a line break inside quotes ends none, and each quote inside quotes is written twice, so
 * that an even number of them has gone by wherever a record ends.
 */
function lastEnd(text: string, format: ImportFormat): number {
  if (format === "ndjson" || !text.includes('"')) return text.lastIndexOf("\n") + 1;
  let end = 0;
  let isQuoted = false;
  let from = 0;
  while (from < text.length) {
    const quote = text.indexOf('"', from);
    const stretch = quote === -1 ? text.length : quote;
    if (!isQuoted) {
      const newline = text.lastIndexOf("\n", stretch - 1);
      if (newline >= from) end = newline + 1;
    }
    if (quote === -1) break;
    isQuoted = !isQuoted;
    from = quote + 1;
  }
  return end;
}

async function* decoded(body: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > limit) throw new SpoolFault(`The file has more than ${limit} bytes.`);
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new SpoolFault("The file is not UTF-8.");
    throw error;
  }
}

/** Throws SpoolFault. */
export async function* spool(body: AsyncIterable<Uint8Array>, options: SpoolOptions): AsyncGenerator<Piece> {
  const { format, limit, pieceSize = PIECE } = options;
  let waiting = "";
  let line = 1;
  const cut = (end: number): Piece => {
    const text = waiting.slice(0, end);
    waiting = waiting.slice(end);
    const piece = { text, firstLine: line };
    line += countLines(text);
    return piece;
  };
  for await (const text of decoded(body, limit)) {
    if (text.includes("\0")) throw new SpoolFault("The file holds NUL characters.");
    waiting += text;
    for (let window = pieceSize; waiting.length >= window; ) {
      const end = lastEnd(waiting.slice(0, window), format);
      if (end > 0) {
        yield cut(end);
        window = pieceSize;
      } else if (window > MAX_RECORD) {
        throw new SpoolFault(`Line ${line} begins a record of more than a million characters.`);
      } else window *= 2;
    }
  }
  if (waiting !== "") yield cut(waiting.length);
}
