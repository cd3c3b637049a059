/** Reads a query's text piece by piece. What is wrong is thrown as a QueryFault, which never leaves parseQuery. */
import { type Place, type QueryToken, queryLimits, type TokenKind } from "./query.ts";

export class QueryFault extends Error {
  override name = "QueryFault";
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/** A word, or a text in quotes; the stars around it are kept apart. */
export interface Piece extends Place {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly starBefore: boolean;
  readonly starAfter: boolean;
}

/** What ends a bare word. Inside a value `: = ! < >` are letters like others, so that addresses and times need no quotes. */
const endsWord = /[\s()":=!<>,]/;
const endsValue = /[\s()",]/;
const operator = /^(?:!=|>=|<=|[:=<>])/;

export type Scanner = ReturnType<typeof createScanner>;

export function createScanner(text: string) {
  const tokens: QueryToken[] = [];
  let at = 0;

  const note = (kind: TokenKind, position: number): void => {
    if (at > position) tokens.push({ kind, position, length: at - position });
  };
  const fail = (message: string, position: number, length = 1): never => {
    const from = Math.min(position, text.length);
    throw new QueryFault(message, { position: from, length: Math.max(0, Math.min(length, text.length - from)) });
  };
  const peek = (): string => text[at] ?? "";

  function skipSpace(): void {
    while (/\s/.test(peek())) at += 1;
  }

  function take(expected: string, kind: TokenKind): boolean {
    if (!text.startsWith(expected, at)) return false;
    const position = at;
    at += expected.length;
    note(kind, position);
    return true;
  }

  function takeOperator(): string | undefined {
    const found = operator.exec(text.slice(at, at + 2))?.[0];
    if (found !== undefined) take(found, "operator");
    return found;
  }

  /** The keyword comes next, as a word of its own, in small or capital letters. */
  function isKeyword(word: string): boolean {
    const next = text.slice(at, at + word.length);
    const after = text[at + word.length];
    return (next === word || next === word.toUpperCase()) && (after === undefined || /[\s()"]/.test(after));
  }

  const takeKeyword = (word: string): boolean => isKeyword(word) && take(text.slice(at, at + word.length), "keyword");

  function quoted(): string {
    const start = at;
    let read = "";
    at += 1;
    for (;;) {
      const character = peek();
      if (character === "") return fail('This quote is never closed with ".', start, text.length - start);
      at += 1;
      if (character === '"') return read;
      if (character !== "\\") {
        read += character;
        continue;
      }
      const escaped = peek();
      if (escaped !== '"' && escaped !== "\\")
        fail('Inside quotes a \\ stands before " or \\ only: write \\\\ for one.', at - 1, 2);
      read += escaped;
      at += 1;
    }
  }

  function bare(end: RegExp): string {
    const start = at;
    while (peek() !== "" && !end.test(peek())) at += 1;
    return text.slice(start, at);
  }

  function quotedPiece(position: number, starBefore: boolean): Piece {
    const read = quoted();
    const starAfter = peek() === "*";
    if (starAfter) at += 1;
    if (peek() !== "" && !/[\s(),:=!<>]/.test(peek())) fail("A space is missing here, after the quote.", at);
    return { text: read, isQuoted: true, starBefore, starAfter, position, length: at - position };
  }

  /** A word or a text in quotes, with its stars; undefined where there is none. Notes no token: the caller knows what it was. */
  function piece(within: "word" | "value"): Piece | undefined {
    const position = at;
    if (peek() === '"') return quotedPiece(position, false);
    if (text.startsWith('*"', at)) {
      at += 1;
      return quotedPiece(position, true);
    }
    const read = bare(within === "word" ? endsWord : endsValue);
    if (read === "") return undefined;
    if (peek() === '"')
      fail('A quote begins in the middle of a word. Put all of it in quotes, and write \\" for one inside.', at);
    const [, before = "", middle = "", after = ""] = /^(\*?)(.*?)(\*?)$/s.exec(read) ?? [];
    const star = middle.indexOf("*");
    if (star >= 0) {
      const inside = position + before.length + star;
      fail("A * stands at the beginning or the end of a text only; a text with one inside is put in quotes.", inside);
    }
    return {
      text: middle,
      isQuoted: false,
      starBefore: before !== "",
      starAfter: after !== "",
      position,
      length: at - position,
    };
  }

  return {
    tokens,
    fail,
    peek,
    note,
    skipSpace,
    take,
    takeOperator,
    isKeyword,
    takeKeyword,
    piece,
    position: () => at,
    isAtEnd: () => at >= text.length,
    isTooLong: () => text.length > queryLimits.length,
  };
}
