import { expect, test } from "bun:test";
import { AS_IT_IS, OWN_VALUE, servedOf } from "./variant-choice.ts";

test("a variant is sent by its name, an untouched value as the type it was, and nothing where all stays", () => {
  expect(servedOf("blue", "ignored", null)).toEqual({ variant: "blue" });
  expect(servedOf(AS_IT_IS, "ignored", null)).toEqual({});
  expect(servedOf(OWN_VALUE, "5", "5")).toEqual({ value: "5" });
  expect(servedOf(OWN_VALUE, "6", "5")).toEqual({ value: 6 });
  expect(servedOf(OWN_VALUE, "", "5")).toEqual({ value: null });
  expect(servedOf(OWN_VALUE, "", null)).toEqual({ value: null });
});
