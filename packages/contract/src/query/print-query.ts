/** From a query back to its text: what parseQuery reads as the same query. */
import { bareNumber, reservedKeys } from "./parse-term.ts";
import type { Query, QueryTerm, QueryTime, QueryValue, TextMatch } from "./query.ts";

const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
const plain = /^[^\s()":=!<>,*-][^\s()":=!<>,*]*$/;
const keywords = new Set(["and", "or", "not", "AND", "OR", "NOT"]);

const isPlain = (text: string): boolean => plain.test(text) && !keywords.has(text);
const word = (text: string): string => (isPlain(text) ? text : quote(text));

/** For every query that parseQuery makes: `parseQuery(printQuery(query)).query` is equal to it. */
export function printQuery(query: Query): string {
  if (query.kind === "all") return "";
  return print(query);
}

function print(query: Query): string {
  switch (query.kind) {
    case "all":
      return "";
    case "and":
      return query.parts.map((part) => (part.kind === "or" ? `(${print(part)})` : print(part))).join(" ");
    case "or":
      return query.parts.map(print).join(" or ");
    case "not":
      return query.part.kind === "and" || query.part.kind === "or"
        ? `-(${print(query.part)})`
        : `-${print(query.part)}`;
    default:
      return printTerm(query);
  }
}

function printTerm(term: QueryTerm): string {
  switch (term.kind) {
    case "identifier":
      return term.match.mode === "contains" ? word(term.match.text) : `identifier:${printMatch(term.match)}`;
    case "trait":
      return `${printKey(term.key)}${term.is ? ":" : "!="}${term.values.map(printValue).join(",")}`;
    case "trait-text":
      return `${printKey(term.key)}:${printMatch(term.match)}`;
    case "trait-order":
      return `${printKey(term.key)}${term.comparison}${printValue(term.value)}`;
    case "has":
      return `has(${word(term.key)})`;
    case "override":
      return term.feature === null ? "has:override" : `has:override(${word(term.feature)})`;
    case "segment":
      return `segment:${typeof term.segment === "number" ? term.segment : quote(term.segment)}`;
    default:
      return `${term.kind}${term.comparison}${printTime(term.time)}`;
  }
}

function printMatch({ mode, text }: TextMatch): string {
  const before = mode === "suffix" || mode === "contains" ? "*" : "";
  const after = mode === "prefix" || mode === "contains" ? "*" : "";
  return `${before}${word(text)}${after}`;
}

const printKey = (key: string): string => (isPlain(key) && !reservedKeys.has(key) ? key : `trait(${word(key)})`);

function printValue(value: QueryValue): string {
  if (typeof value !== "string") return String(value);
  const isOther = value === "true" || value === "false" || bareNumber(value) !== undefined;
  return isOther ? quote(value) : word(value);
}

function printTime(time: QueryTime): string {
  if ("day" in time) return time.day;
  return "moment" in time ? time.moment : `${time.age}${time.unit}`;
}
