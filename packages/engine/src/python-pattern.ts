/**
 * Python's pattern syntax into RE2's. They share most spellings and differ in the small ones: what `$`, `\w` and
 * `\Z` mean, `(?P<n>)`, `(?#...)`, verbose mode, octal escapes, `{,n}`. A pattern that Python rejects gives null, and
 * so does one that needs what linear time cannot do. Captures are dropped, nothing here reads them.
 */

interface Flags {
  readonly ascii: boolean;
  readonly multiline: boolean;
  readonly verbose: boolean;
}

/** What a quantifier would repeat: nothing, an assertion, a whole atom, or something already repeated. */
type Last = "nothing" | "assertion" | "atom" | "repeat";

interface State {
  readonly source: string;
  at: number;
  out: string;
  last: Last;
  flags: Flags;
  /** Flags to return to at each closing parenthesis. */
  readonly open: Flags[];
  readonly names: Set<string>;
}

/** Members of a set, so that `[^\W\d_]` works: RE2 cannot subtract, hence the long lists for the capitals. */
const UNICODE_SETS: Readonly<Record<string, string>> = {
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: "\\p{L}\\p{N}_",
  W:
    "\\p{M}\\p{S}\\p{Z}\\p{C}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}" +
    "\\x{203f}\\x{2040}\\x{2054}\\x{fe33}\\x{fe34}\\x{fe4d}-\\x{fe4f}\\x{ff3f}",
  s: "\\t-\\r\\x1c-\\x20\\x85\\xa0\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}",
  S:
    "\\x00-\\x08\\x0e-\\x1b\\x21-\\x84\\x86-\\x9f\\xa1-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}" +
    "\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{10ffff}",
};
const ASCII_SETS: Readonly<Record<string, string>> = {
  d: "0-9",
  D: "\\D",
  w: "0-9A-Za-z_",
  W: "\\W",
  s: "\\t-\\r\\x20",
  S: "\\x00-\\x08\\x0e-\\x1f\\x21-\\x{10ffff}",
};
const CONTROLS: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 0x5c };

const GLOBAL_FLAGS = /\(\?([aimsux]+)\)/y;
const GROUP_FLAGS = /\(\?([aimsux]*)(?:-([imsx]+))?:/y;
const NAMED_GROUP = /\(\?P<([\p{L}_][\p{L}\p{N}_]*)>/uy;
const COMMENT = /\(\?#[^)]*\)/y;
const VERBOSE_SPACE = /(?:[ \t\n\r\f\v]|#[^\n]*)+/y;
const REPEAT = /\{(\d+)\}|\{(\d*),(\d*)\}/y;
const HEX = /x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y;
const OCTAL = /0[0-7]{0,2}|[1-7][0-7]{2}/y;
const LETTER_OR_DIGIT = /[0-9A-Za-z]/;

/** The same pattern for RE2 in one non-capturing group, or null. */
export function translatePattern(source: string): string | null {
  const flags = { ascii: false, multiline: false, verbose: false };
  const state: State = { source, at: 0, out: "", last: "nothing", flags, open: [], names: new Set() };
  const prefix = readGlobalFlags(state);
  if (prefix === null) return null;
  while (state.at < source.length) {
    if (!readNext(state)) return null;
  }
  return state.open.length > 0 ? null : `(?${prefix}:${state.out})`;
}

/** `(?i)` may stand at the very start only; Python 3.11 refuses it anywhere else. */
function readGlobalFlags(state: State): string | null {
  let letters = "";
  for (;;) {
    if (letters.includes("x")) skip(state, VERBOSE_SPACE);
    const match = skip(state, GLOBAL_FLAGS);
    if (match === null) break;
    letters += match[1];
  }
  if (letters.includes("a") && letters.includes("u")) return null;
  state.flags = {
    ascii: letters.includes("a"),
    multiline: letters.includes("m"),
    verbose: letters.includes("x"),
  };
  return Array.from("ims")
    .filter((letter) => letters.includes(letter))
    .join("");
}

function readNext(state: State): boolean {
  if (state.flags.verbose && skip(state, VERBOSE_SPACE) !== null) return true;
  const character = String.fromCodePoint(state.source.codePointAt(state.at) ?? 0);
  switch (character) {
    case "\\":
      return readEscape(state);
    case "[":
      return readSet(state);
    case "(":
      return openGroup(state);
    case ")":
      return closeGroup(state);
    case "|":
      return emit(state, 1, "|", "nothing");
    case "^":
      return emit(state, 1, "^", "assertion");
    case "$":
      return emit(state, 1, state.flags.multiline ? "$" : "(?:\\n?\\z)", "assertion");
    case ".":
      return emit(state, 1, ".", "atom");
    case "*":
    case "+":
    case "?":
      return emitRepeat(state, 1, character);
    case "{":
      return readBrace(state);
    default:
      return emit(state, character.length, literal(character.codePointAt(0) ?? 0), "atom");
  }
}

function emit(state: State, length: number, text: string, last: Last): boolean {
  state.at += length;
  state.out += text;
  state.last = last;
  return true;
}

function emitRepeat(state: State, length: number, text: string): boolean {
  if (state.last !== "atom") return false;
  const lazy = state.source[state.at + length];
  // `a*+` is possessive since Python 3.11, which RE2 cannot do.
  if (lazy === "+") return false;
  return lazy === "?" ? emit(state, length + 1, `${text}?`, "repeat") : emit(state, length, text, "repeat");
}

function readBrace(state: State): boolean {
  const match = look(state, REPEAT);
  if (match === null) return emit(state, 1, "\\{", "atom");
  const [whole, exactly, from, to] = match;
  const low = Number(exactly ?? (from || 0));
  const high = exactly ?? to;
  if (high && Number(high) < low) return false;
  return emitRepeat(state, whole.length, exactly === undefined ? `{${low},${to}}` : `{${low}}`);
}

function openGroup(state: State): boolean {
  const { source, at } = state;
  if (source[at + 1] !== "?") return enterGroup(state, 1, "(?:", state.flags);
  if (skip(state, COMMENT) !== null) return true;
  if (source.startsWith("(?<=", at) || source.startsWith("(?<!", at)) {
    return enterGroup(state, 4, source.slice(at, at + 4), state.flags);
  }
  const named = look(state, NAMED_GROUP);
  if (named !== null) {
    const name = named[1] ?? "";
    if (state.names.has(name)) return false;
    state.names.add(name);
    return enterGroup(state, named[0].length, "(?:", state.flags);
  }
  return openFlagged(state);
}

/** `(?:`, `(?i:` and `(?i-s:`; a `(?` with anything else is lookahead, a back reference, or a mistake. */
function openFlagged(state: State): boolean {
  const match = look(state, GROUP_FLAGS);
  if (match === null) return false;
  const [whole, on = "", off = ""] = match;
  if (on.includes("a") && on.includes("u")) return false;
  const has = (letter: string, now: boolean) => (on.includes(letter) || now) && !off.includes(letter);
  const flags: Flags = {
    ascii: (on.includes("a") || state.flags.ascii) && !on.includes("u"),
    multiline: has("m", state.flags.multiline),
    verbose: has("x", state.flags.verbose),
  };
  const known = (letters: string) => letters.replace(/[aux]/g, "");
  return enterGroup(state, whole.length, `(?${known(on)}${known(off) && `-${known(off)}`}:`, flags);
}

function enterGroup(state: State, length: number, text: string, flags: Flags): boolean {
  state.open.push(state.flags);
  state.flags = flags;
  return emit(state, length, text, "nothing");
}

function closeGroup(state: State): boolean {
  const flags = state.open.pop();
  if (flags === undefined) return false;
  state.flags = flags;
  return emit(state, 1, ")", "atom");
}

function readEscape(state: State): boolean {
  const letter = state.source[state.at + 1] ?? "";
  if (letter === "A" || letter === "b" || letter === "B") return emit(state, 2, `\\${letter}`, "assertion");
  if (letter === "Z") return emit(state, 2, "\\z", "assertion");
  const members = setMembers(state, letter);
  if (members !== undefined) return emit(state, 2, `[${members}]`, "atom");
  state.at += 1;
  const code = letter === "b" ? null : readCode(state);
  return code === null ? false : emit(state, 0, literal(code), "atom");
}

function setMembers(state: State, letter: string): string | undefined {
  return (state.flags.ascii ? ASCII_SETS : UNICODE_SETS)[letter];
}

/** The code point of an escape whose backslash is behind us; null if Python does not know it (or means a group). */
function readCode(state: State): number | null {
  const hex = skip(state, HEX);
  if (hex !== null) {
    const code = Number.parseInt(hex[0].slice(1), 16);
    return code <= 0x10ffff ? code : null;
  }
  const octal = skip(state, OCTAL);
  if (octal !== null) {
    const code = Number.parseInt(octal[0], 8);
    return code <= 0xff ? code : null;
  }
  const code = state.source.codePointAt(state.at);
  if (code === undefined) return null;
  const character = String.fromCodePoint(code);
  const control = CONTROLS[character];
  if (control === undefined && LETTER_OR_DIGIT.test(character)) return null;
  state.at += character.length;
  return control ?? code;
}

function readSet(state: State): boolean {
  const negated = state.source[state.at + 1] === "^";
  state.at += negated ? 2 : 1;
  let members = "";
  for (let first = true; first || state.source[state.at] !== "]"; first = false) {
    const low = readMember(state);
    const high = isRange(state) ? readHigh(state) : low;
    if (low === null || high === null) return false;
    if (low === high) {
      members += typeof low === "number" ? literal(low) : low;
    } else if (typeof low === "number" && typeof high === "number" && low < high) {
      members += `${literal(low)}-${literal(high)}`;
    } else {
      return false;
    }
  }
  return emit(state, 1, negated ? `[^${members}]` : `[${members}]`, "atom");
}

/** A code point, or the members of a `\d` and its like; null where Python finds a mistake. */
function readMember(state: State): number | string | null {
  const code = state.source.codePointAt(state.at);
  if (code === undefined) return null;
  if (code !== 0x5c) {
    state.at += code > 0xffff ? 2 : 1;
    return code;
  }
  const members = setMembers(state, state.source[state.at + 1] ?? "");
  state.at += members === undefined ? 1 : 2;
  return members ?? readCode(state);
}

function isRange(state: State): boolean {
  return state.source[state.at] === "-" && state.source[state.at + 1] !== "]";
}

function readHigh(state: State): number | string | null {
  state.at += 1;
  return readMember(state);
}

function literal(code: number): string {
  const character = String.fromCodePoint(code);
  return LETTER_OR_DIGIT.test(character) || (code >= 0xd800 && code <= 0xdfff)
    ? character
    : `\\x{${code.toString(16)}}`;
}

function look(state: State, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = state.at;
  return pattern.exec(state.source);
}

function skip(state: State, pattern: RegExp): RegExpExecArray | null {
  const match = look(state, pattern);
  if (match !== null) state.at += match[0].length;
  return match;
}
