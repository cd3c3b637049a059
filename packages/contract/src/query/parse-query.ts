/** From what somebody typed to a query, or to what is wrong with it and where. */

import { readTerm } from "./parse-term.ts";
import { type ParsedQuery, type Place, type Query, queryLimits } from "./query.ts";
import { createScanner, QueryFault, type Scanner } from "./scan.ts";

interface Parser {
  readonly scan: Scanner;
  readonly places: Map<Query, Place>;
  terms: number;
}

/** Total: answers for every text, and throws for none. */
export function parseQuery(text: string): ParsedQuery {
  const scan = createScanner(text);
  const parser: Parser = { scan, places: new Map(), terms: 0 };
  try {
    if (scan.isTooLong()) {
      const beyond = text.length - queryLimits.length;
      scan.fail(`A query has at most ${queryLimits.length} characters.`, queryLimits.length, beyond);
    }
    scan.skipSpace();
    const query: Query = scan.isAtEnd() ? { kind: "all" } : readOr(parser, 0);
    if (!scan.isAtEnd()) scan.fail("There is no ( that this closes.", scan.position());
    return { ok: true, query, tokens: scan.tokens, places: parser.places };
  } catch (error) {
    if (!(error instanceof QueryFault)) throw error;
    return { ok: false, message: error.message, ...error.place, tokens: scan.tokens };
  }
}

/** Ends at a closing parenthesis or the end. */
function readOr(parser: Parser, depth: number): Query {
  const { scan } = parser;
  const parts = [readAnd(parser, depth)];
  while (scan.takeKeyword("or")) {
    scan.skipSpace();
    parts.push(readAnd(parser, depth));
  }
  return join("or", parts);
}

function readAnd(parser: Parser, depth: number): Query {
  const { scan } = parser;
  const parts = [readFactor(parser, depth)];
  for (;;) {
    scan.skipSpace();
    if (scan.isAtEnd() || scan.peek() === ")" || scan.isKeyword("or")) return join("and", parts);
    if (scan.takeKeyword("and")) scan.skipSpace();
    parts.push(readFactor(parser, depth));
  }
}

function join(kind: "and" | "or", parts: readonly Query[]): Query {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  return { kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) };
}

function readFactor(parser: Parser, depth: number): Query {
  const { scan } = parser;
  const position = scan.position();
  if (depth > queryLimits.depth) scan.fail(`Deeper than ${queryLimits.depth} levels.`, position);
  if (scan.take("-", "operator")) {
    if (/^\s?$/.test(scan.peek())) scan.fail('A "-" stands right before what must not hold.', position);
    return { kind: "not", part: readFactor(parser, depth + 1) };
  }
  if (scan.takeKeyword("not")) {
    scan.skipSpace();
    return { kind: "not", part: readFactor(parser, depth + 1) };
  }
  if (scan.take("(", "parenthesis")) return readGroup(parser, depth, position);
  for (const word of ["or", "and"]) {
    if (scan.isKeyword(word)) {
      scan.fail(
        `There is nothing before this "${word}". The word itself is looked for in quotes.`,
        position,
        word.length,
      );
    }
  }
  parser.terms += 1;
  if (parser.terms > queryLimits.terms) scan.fail(`More than ${queryLimits.terms} conditions.`, position);
  const term = readTerm(scan);
  parser.places.set(term, { position, length: scan.position() - position });
  return term;
}

function readGroup(parser: Parser, depth: number, position: number): Query {
  const { scan } = parser;
  scan.skipSpace();
  if (scan.peek() === ")")
    scan.fail("There is nothing between these parentheses.", position, scan.position() - position + 1);
  const inner = readOr(parser, depth + 1);
  scan.skipSpace();
  if (!scan.take(")", "parenthesis")) scan.fail("This ( is never closed.", position);
  return inner;
}
