import { expect, test } from "bun:test";
import { httpDateSeconds } from "./http-date.ts";

test("all three forms of one moment are that moment", () => {
  for (const text of ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]) {
    expect(httpDateSeconds(text)).toBe(784111777);
  }
});

test("what is no HTTP date is no date, even where JavaScript would read one", () => {
  for (const text of [null, "", "2100", "2100-01-01T00:00:00Z", "yesterday", "Fri, 99 Foo 2100 00:00:00 GMT"]) {
    expect(httpDateSeconds(text)).toBeNaN();
  }
});
