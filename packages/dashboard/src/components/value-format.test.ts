import { describe, expect, test } from "bun:test";
import { detectFormat, formatFault, parseValue, valueInOneLine } from "./value-format.ts";

describe("a value's format", () => {
  test("is guessed from how it looks, and is text in doubt", () => {
    expect(detectFormat('{"a": [1, 2]}')).toBe("json");
    expect(detectFormat('{"a": [1, 2}')).toBe("text");
    expect(detectFormat("<?xml version='1.0'?><a/>")).toBe("xml");
    expect(detectFormat("a: 1\nb:\n  - x\n  - y")).toBe("yaml");
    expect(detectFormat('[server]\nport = 8000\nname = "x"')).toBe("toml");
    expect(detectFormat("port = 1\nname = 2")).toBe("toml");
    expect(detectFormat("blue")).toBe("text");
    expect(detectFormat("Hello: you\nthere, all of you")).toBe("text");
    expect(detectFormat("")).toBe("text");
  });

  test("tells of broken JSON, and of nothing that it cannot know", () => {
    expect(formatFault("{a:1}", "json")).toStartWith("Not valid JSON");
    expect(formatFault('{"a":1}', "json")).toBeUndefined();
    expect(formatFault("", "json")).toBeUndefined();
    expect(formatFault("{a:1}", "text")).toBeUndefined();
  });
});

describe("a value", () => {
  test("is shown so that a string is never taken for a number or for nothing", () => {
    expect(valueInOneLine("12")).toBe("“12”");
    expect(valueInOneLine(12)).toBe("12");
    expect(valueInOneLine(false)).toBe("false");
    expect(valueInOneLine(null)).toBe("no value");
    expect(valueInOneLine("")).toBe("“”");
    expect(valueInOneLine("a\n  b")).toBe("“a b”");
    expect(valueInOneLine("x".repeat(500), 10)).toBe("“xxxxxxxxx…”");
  });

  test("is taken as typed: whole numbers the API can keep, true and false, else text to the letter", () => {
    expect([parseValue("12"), parseValue("-7"), parseValue("true"), parseValue("")]).toEqual([12, -7, true, null]);
    for (const text of ["012", "1.5", "2147483648", "99999999999", " hello ", "True", "-0"]) {
      expect(parseValue(text)).toBe(text);
    }
  });
});
