import { expect, test } from "bun:test";
import { nextPage } from "./next-page.ts";

test("after signing in one comes to a page of ours, whatever the link said", () => {
  expect(nextPage("/projects/1/settings?tab=a#b")).toBe("/projects/1/settings?tab=a#b");
  for (const next of [
    undefined,
    "",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
  ]) {
    expect(nextPage(next)).toBe("/");
  }
  expect(nextPage("/login?next=/login")).toBe("/");
});
