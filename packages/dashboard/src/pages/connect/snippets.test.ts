import { expect, test } from "bun:test";
import { snippetsFor } from "./snippets.ts";

test("every snippet holds the real key and this server's address, so that it works as it is copied", () => {
  for (const { id, code } of snippetsFor("envKey123", "https://flags.example.com")) {
    expect([id, code.includes("envKey123"), code.includes("https://flags.example.com")]).toEqual([id, true, true]);
    expect(code).not.toContain("undefined");
  }
});
