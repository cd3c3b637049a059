import { expect, test } from "bun:test";
import { guessType, readTrait, textOf } from "./trait-text.ts";

test("texts are read as the type that is chosen", () => {
  expect(readTrait("string", " 5 ")).toEqual({ ok: true, value: " 5 " });
  expect(readTrait("integer", " 5 ")).toEqual({ ok: true, value: 5 });
  expect(readTrait("float", "2")).toEqual({ ok: true, value: 2 });
  expect(readTrait("boolean", "false")).toEqual({ ok: true, value: false });
});

test("what is not of the type is refused with a reason", () => {
  expect(readTrait("integer", "1.5")).toMatchObject({ ok: false, fault: expect.stringMatching(/no fraction/) });
  expect(readTrait("integer", "2147483648")).toMatchObject({ ok: false, fault: expect.stringMatching(/too large/) });
  expect(readTrait("float", "")).toMatchObject({ ok: false, fault: expect.stringMatching(/not a number/) });
  expect(readTrait("boolean", "yes")).toMatchObject({ ok: false });
  expect(readTrait("string", "x".repeat(2001))).toMatchObject({ ok: false });
});

test("a float keeps its point, and types are guessed from what is typed", () => {
  expect(textOf({ type: "float", value: 2 })).toBe("2.0");
  expect(textOf({ type: "integer", value: 2 })).toBe("2");
  expect(["true", "34", "3.5", "007", "pro", "99999999999"].map(guessType)).toEqual([
    "boolean",
    "integer",
    "float",
    "string",
    "string",
    "string",
  ]);
});
