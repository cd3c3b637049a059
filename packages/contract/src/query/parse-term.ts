/** One condition of a query. */
import {
  type AgeUnit,
  type Comparison,
  type QueryTerm,
  type QueryTime,
  type QueryValue,
  queryLimits,
  type TextMatch,
} from "./query.ts";
import type { Piece, Scanner } from "./scan.ts";

/** Words that mean something before an operator; a trait of such a name is written trait("name"). */
export const reservedKeys: ReadonlySet<string> = new Set([
  "identifier",
  "has",
  "segment",
  "created",
  "last_seen",
  "trait",
]);

type Read = (scan: Scanner, key: Piece, operator: string) => QueryTerm;

const readers: Readonly<Record<string, Read>> = {
  identifier: readIdentifier,
  has: readHasWord,
  segment: readSegment,
  created: (scan, key, operator) => readTime(scan, key, operator, "created"),
  last_seen: (scan, key, operator) => readTime(scan, key, operator, "last_seen"),
};

/** The caller has made sure that something is there. */
export function readTerm(scan: Scanner): QueryTerm {
  const position = scan.position();
  const piece = scan.piece("word");
  if (!piece) {
    const wrong = scan.peek();
    return scan.fail(
      wrong === "" ? "Something is missing here." : `A condition cannot begin with "${wrong}".`,
      position,
    );
  }
  if (!piece.isQuoted && scan.peek() === "(" && (piece.text === "has" || piece.text === "trait")) {
    return readCall(scan, piece);
  }
  if (piece.isQuoted || piece.starBefore || piece.starAfter) return readBare(scan, piece);
  // An operator right behind a word makes it a key.
  scan.note("key", position);
  const operator = scan.takeOperator();
  if (operator === undefined) {
    scan.tokens.pop();
    return readBare(scan, piece);
  }
  const read = Object.hasOwn(readers, piece.text) ? readers[piece.text] : undefined;
  if (read) return read(scan, piece, operator);
  if (piece.text === "trait")
    return scan.fail('A trait of this name is written trait("trait").', position, piece.length);
  return readTrait(scan, checkKey(scan, piece), operator);
}

function readBare(scan: Scanner, piece: Piece): QueryTerm {
  scan.note("text", piece.position);
  if (/[:=!<>,]/.test(scan.peek())) {
    const help = piece.isQuoted ? ' A trait with an odd name is written trait("name").' : "";
    scan.fail(`"${scan.peek()}" cannot stand here: what holds one is put in quotes.${help}`, scan.position());
  }
  if (scan.peek() === "(") scan.fail("A space is missing before this parenthesis.", scan.position());
  return { kind: "identifier", match: matchOf(scan, piece, "contains") };
}

function matchOf(scan: Scanner, piece: Piece, bare: TextMatch["mode"]): TextMatch {
  const { text, starBefore, starAfter } = piece;
  if (text === "") scan.fail("There is no text to look for.", piece.position, piece.length);
  if (text.length > queryLimits.text) {
    scan.fail(`Longer than ${queryLimits.text} characters.`, piece.position, piece.length);
  }
  if (starBefore && starAfter) return { mode: "contains", text };
  return { mode: starAfter ? "prefix" : starBefore ? "suffix" : bare, text };
}

/** `has(key)` and `trait(key) operator value`. */
function readCall(scan: Scanner, name: Piece): QueryTerm {
  scan.note(name.text === "has" ? "keyword" : "key", name.position);
  const key = readParenthesised(scan, "trait");
  if (name.text === "has") return { kind: "has", key };
  const operator = scan.takeOperator();
  if (operator === undefined) {
    return scan.fail("An operator is missing here: one of : != < <= > >=.", scan.position());
  }
  return readTrait(scan, key, operator);
}

function readParenthesised(scan: Scanner, what: "trait" | "feature"): string {
  const open = scan.position();
  scan.take("(", "parenthesis");
  scan.skipSpace();
  const piece = scan.piece("value");
  if (!piece || piece.text === "")
    return scan.fail(`The name of a ${what} is missing here.`, open, scan.position() - open + 1);
  if (piece.starBefore || piece.starAfter) {
    scan.fail(
      `The name of a ${what} is written in full; one with a * in it is put in quotes.`,
      piece.position,
      piece.length,
    );
  }
  scan.note("key", piece.position);
  const name = what === "trait" ? checkKey(scan, piece) : piece.text;
  scan.skipSpace();
  if (!scan.take(")", "parenthesis")) scan.fail("This ( is never closed.", open);
  return name;
}

function checkKey(scan: Scanner, { text, position, length }: Piece): string {
  if (text.length > queryLimits.key) {
    scan.fail(`The name of a trait has at most ${queryLimits.key} characters.`, position, length);
  }
  return text;
}

function readValue(scan: Scanner): Piece {
  const position = scan.position();
  const piece = scan.piece("value");
  if (!piece) return scan.fail('A value is missing here. An empty one is written "".', position);
  scan.note("value", position);
  return piece;
}

const isEqual = (operator: string): boolean => operator === ":" || operator === "=";

function readIdentifier(scan: Scanner, key: Piece, operator: string): QueryTerm {
  if (operator === "!=") {
    return scan.fail('Write -identifier:… for "not this identifier".', key.position, scan.position() - key.position);
  }
  if (!isEqual(operator))
    return scan.fail("An identifier is compared with : only.", key.position, scan.position() - key.position);
  return { kind: "identifier", match: matchOf(scan, readValue(scan), "exact") };
}

function readHasWord(scan: Scanner, key: Piece, operator: string): QueryTerm {
  const position = scan.position();
  const word = isEqual(operator) ? scan.piece("value") : undefined;
  if (!word || word.isQuoted || word.text !== "override" || word.length !== "override".length) {
    return scan.fail(
      "What can be had is written has(TRAIT), has:override or has:override(FEATURE).",
      key.position,
      Math.max(scan.position() - key.position, key.length),
    );
  }
  scan.note("keyword", position);
  return { kind: "override", feature: scan.peek() === "(" ? readParenthesised(scan, "feature") : null };
}

function readSegment(scan: Scanner, key: Piece, operator: string): QueryTerm {
  if (!isEqual(operator))
    return scan.fail("A segment is named with : only.", key.position, scan.position() - key.position);
  const piece = readValue(scan);
  if (piece.text === "" || piece.starBefore || piece.starAfter) {
    return scan.fail("A segment is named in full, or by its number.", piece.position, piece.length);
  }
  const id = Number(piece.text);
  const isId = !piece.isQuoted && /^[1-9]\d*$/.test(piece.text) && Number.isSafeInteger(id);
  return { kind: "segment", segment: isId ? id : piece.text };
}

function readTrait(scan: Scanner, key: string, operator: string): QueryTerm {
  const first = readValue(scan);
  if (operator !== "!=" && !isEqual(operator)) {
    const value = scalarOf(scan, first);
    if (typeof value === "boolean") return scan.fail("true and false have no order.", first.position, first.length);
    return { kind: "trait-order", key, comparison: operator as Comparison, value };
  }
  if (first.starBefore || first.starAfter) {
    if (operator === "!=")
      return scan.fail("With a * there is no !=; write -KEY:… instead.", first.position, first.length);
    return { kind: "trait-text", key, match: matchOf(scan, first, "exact") };
  }
  const values = [scalarOf(scan, first)];
  while (scan.take(",", "operator")) {
    if (values.length >= queryLimits.terms) scan.fail(`More than ${queryLimits.terms} values.`, scan.position());
    const value = scalarOf(scan, readValue(scan));
    if (!values.includes(value)) values.push(value);
  }
  return { kind: "trait", key, is: operator !== "!=", values };
}

const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function scalarOf(scan: Scanner, piece: Piece): QueryValue {
  const { text, isQuoted, position, length } = piece;
  if (piece.starBefore || piece.starAfter) {
    return scan.fail("A * cannot stand here; a value with one in it is put in quotes.", position, length);
  }
  if (text.length > queryLimits.text) return scan.fail(`Longer than ${queryLimits.text} characters.`, position, length);
  if (isQuoted) return text;
  if (text === "true" || text === "false") return text === "true";
  const number = bareNumber(text);
  return number ?? text;
}

/** What is written as a number and can be held exactly as one; longer rows of digits are names. */
export function bareNumber(text: string): number | undefined {
  if (!numberForm.test(text)) return undefined;
  const number = Number(text);
  if (!Number.isFinite(number) || (Number.isInteger(number) && !Number.isSafeInteger(number))) return undefined;
  return Object.is(number, -0) ? 0 : number;
}

function readTime(scan: Scanner, key: Piece, operator: string, kind: "created" | "last_seen"): QueryTerm {
  if (isEqual(operator) || operator === "!=") {
    return scan.fail(`Compare ${kind} with < <= > or >=.`, key.position, scan.position() - key.position);
  }
  const piece = readValue(scan);
  const time = piece.starBefore || piece.starAfter ? undefined : timeOf(piece.text);
  if (!time) {
    return scan.fail("Neither a date (2026-01-31) nor an age (12h, 30d, 4w).", piece.position, piece.length);
  }
  return { kind, comparison: operator as Comparison, time };
}

function timeOf(text: string): QueryTime | undefined {
  const [, count, unit] = /^(\d{1,6})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return { age: Number(count), unit: unit as AgeUnit };
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return isDay(text) ? { day: text } : undefined;
  const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z$/.test(text);
  return isMoment && isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)) ? { moment: text } : undefined;
}

/** A day that there is: JavaScript reads the 31st of February as the 3rd of March. */
function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
