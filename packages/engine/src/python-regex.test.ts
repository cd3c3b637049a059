import { describe, expect, test } from "bun:test";
import { compilePattern } from "./python-regex.ts";

/** What Python 3.11's `re.compile(pattern).match(text)` answers. */
type Row = readonly [pattern: string, text: string, matches: boolean];

const ROWS: Record<string, readonly Row[]> = {
  "a match begins at the start and may end anywhere": [
    ["b", "abc", false],
    ["a", "abc", true],
    ["", "", true],
    ["a|bc", "bcd", true],
  ],
  "$ and \\Z": [
    ["a$", "a", true],
    ["a$", "a\n", true],
    ["a$", "a\nb", false],
    ["(?m)a$", "a\nb", true],
    ["a\\Z", "a", true],
    ["a\\Z", "a\n", false],
    ["a\\z", "a", false],
  ],
  "classes know every script, unless told not to": [
    ["\\w+$", "größe", true],
    ["(?a)\\w+$", "größe", false],
    ["\\d+$", "٣٤", true],
    ["\\s", "\u3000", true],
    ["\\s", "\x1c", true],
    ["(?a)\\s", "\x1c", false],
    ["\\W", "é", false],
    ["[^\\W\\d_]+$", "größe", true],
    ["[^\\W\\d_]+$", "größe1", false],
    ["[\\s\\S]", "日", true],
    ["[\\D]", "1", false],
  ],
  "names, comments and verbose mode": [
    ["(?P<word>a+)b", "aab", true],
    ["(?P<n>a)(?P<n>b)", "ab", false],
    ["(?P<1>a)", "a", false],
    ["a(?#no matter)b", "ab", true],
    ["(?x) a b # letters\n c", "abc", true],
    ["(?i)ABC", "abc", true],
    ["a(?i:B)c", "abc", true],
    ["a(?i)b", "ab", false],
  ],
  escapes: [
    ["\\x41\\u00e9", "Aé", true],
    ["\\101\\0", "A\0", true],
    ["\\.", "x", false],
    ["\\q", "q", false],
    ["[\\]]", "]", true],
    ["[]a]", "]", true],
    ["[z-a]", "z", false],
    ["[[:alpha:]]", ":]", true],
  ],
  counts: [
    ["a{,2}$", "aa", true],
    ["a{2}$", "aaa", false],
    ["a{2,1}", "aa", false],
    ["a{x}", "a{x}", true],
    ["a**", "a", false],
    ["^*", "a", false],
    ["*a", "a", false],
  ],
  "mistakes match nothing": [
    ["(", "(", false],
    [")", ")", false],
    ["[", "[", false],
    ["(?<n>a)", "a", false],
    ["\\", "\\", false],
  ],
  "what linear time cannot do matches nothing; looking behind it can": [
    ["(?=a)a", "a", false],
    ["(a)\\1", "aa", false],
    ["a*+", "a", false],
    ["ab(?<=ab)c", "abc", true],
    ["ab(?<!ab)c", "abc", false],
  ],
};

for (const [name, rows] of Object.entries(ROWS)) {
  test(name, () => {
    const wrong = rows.filter(([pattern, text, matches]) => compilePattern(pattern)(text) !== matches);
    expect(wrong).toEqual([]);
  });
}

describe("time", () => {
  test("does not explode on patterns made to explode", () => {
    const text = `${"a".repeat(2000)}!`;
    const start = performance.now();
    for (const pattern of ["(a+)+$", "(a|a)*$", "(a*)*$", "(?:a?){50}a{50}$", "([a-z]+)*$"]) {
      expect(compilePattern(pattern)(text)).toBe(false);
    }
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("does not explode on patterns too large to compile", () => {
    for (const pattern of ["((a{1000}){1000}){1000}", "(".repeat(1000) + ")".repeat(1000), "a".repeat(100_000)]) {
      expect(typeof compilePattern(pattern)("b")).toBe("boolean");
    }
  });
});
