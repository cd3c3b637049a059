/**
 * Reads a request's JSON text as Flagsmith's server does: Python's error texts, ints and whole floats kept apart,
 * ints of any size exact. JSON.parse does the work unless the text may hold a number it would not keep.
 */
import { isDeeperThan } from "./depth.ts";
import { parsePythonJson } from "./python-json.ts";

/** How deep lists and objects may nest; one level more is a parse error, whatever the size of the text. */
export const maxJsonDepth = 200;

/** `detail` is the text after "JSON parse error - " in Django REST's answer. */
export type JsonResult = { ok: true; value: unknown } | { ok: false; detail: string };

/*
 * A number token (it follows the start, ':', ',', '[' or white space) that JSON.parse may not keep: long enough to be
 * rounded, an int -0, a fraction of zeros only, or an exponent. A match inside a string only costs the slower parser.
 */
const delicateNumber = /(?:^|[:,[\s])-?(?:[\d.]{16}|(?<=-)0|\d+(?:\.0+(?!\d)|(?:\.\d+)?[eE]))/;

/**
 * Parses JSON text. Never throws. Numbers come out as: number (ints up to 2^53 and floats with a fraction; 1e999 is
 * Infinity, as in Python), a marked WholeFloat (2.0, 1e3), or bigint (larger ints). Duplicate keys: the last wins.
 */
export function parseJson(text: string): JsonResult {
  if (!delicateNumber.test(text)) {
    try {
      const value: unknown = JSON.parse(text);
      if (!isTooDeep(text, value)) return { ok: true, value };
    } catch {
      // The other parser finds the same fault again, with Python's words and place for it.
    }
  }
  return parsePythonJson(text, maxJsonDepth);
}

/** A level takes two characters, and counting brackets costs little: nearly every text is spared the walk over its values. */
function isTooDeep(text: string, value: unknown): boolean {
  if (text.length <= 2 * maxJsonDepth) return false;
  const brackets = countOf("{", text) + countOf("[", text);
  return brackets > maxJsonDepth && isDeeperThan(value, maxJsonDepth);
}

/** Stops counting past the depth limit. */
function countOf(bracket: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(bracket); at !== -1 && count <= maxJsonDepth; at = text.indexOf(bracket, at + 1))
    count += 1;
  return count;
}
