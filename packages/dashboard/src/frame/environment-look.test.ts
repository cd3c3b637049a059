import { describe, expect, test } from "bun:test";
import { environmentLook, inkOn } from "./environment-look.ts";

const look = (name: string, banner_text: string | null = null, banner_colour: string | null = null) =>
  environmentLook({ name, banner_text, banner_colour });

describe("an environment", () => {
  test("is production by its name, or by the banner that somebody gave it", () => {
    for (const name of ["Production", "prod", "PROD-eu"]) expect([name, look(name).isProduction]).toEqual([name, true]);
    for (const name of ["Development", "Staging", "pre-production", "nonprod", ""]) {
      expect([name, look(name).isProduction]).toEqual([name, false]);
    }
    expect(look("Live", "Customers are here").isProduction).toBe(true);
    expect(look("Live", "  ").isProduction).toBe(false);
  });

  test("has the colour of its banner, or one that its name always gets", () => {
    expect(look("Live", "x", "#123456").colour).toBe("#123456");
    expect(look("Live", "x", "red;}").colour).toMatch(/^#[0-9a-f]{6}$/);
    expect(look("Somewhere").colour).toBe(look("Somewhere").colour);
    expect(look("Production").colour).not.toBe(look("Development").colour);
    expect(look("Staging").colour).not.toBe(look("Development").colour);
  });

  test("writes on its colour in whatever can be read", () => {
    expect(inkOn("#ffffff")).toBe("#000000");
    expect(inkOn("#000000")).toBe("#ffffff");
    expect(inkOn("#c2255c")).toBe("#ffffff");
    expect(inkOn("#f1c40f")).toBe("#000000");
  });
});
