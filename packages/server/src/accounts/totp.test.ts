import { expect, test } from "bun:test";
import { base32, isTotp, totpUri } from "./totp.ts";

// RFC 6238, appendix B (SHA-1), the last six of its eight digits.
const secret = "12345678901234567890";
test.each([
  [59, "287082"],
  [1111111109, "081804"],
  [1111111111, "050471"],
  [1234567890, "005924"],
  [2000000000, "279037"],
  [20000000000, "353130"],
])("at %i seconds the code is %s", (seconds, code) => {
  expect(isTotp(secret, code, seconds * 1000)).toBe(true);
});

test("a code lives for its half minute and one before and after", () => {
  const at = 1_800_000_000_000;
  const valid = (offset: number) => isTotp(secret, code, at + offset);
  let code = "";
  for (let guess = 0; guess < 1_000_000; guess += 1) {
    code = String(guess).padStart(6, "0");
    // Valid now and a minute from now would be luck; neighbours in time share it.
    if (valid(-30_000) && valid(30_000)) break;
  }
  expect([-60_000, -30_000, 0, 30_000, 60_000].map(valid)).toEqual([false, true, true, true, false]);
  for (const wrong of ["", "0", `${code}0`, ` ${code}`, "abcdef"]) expect(isTotp(secret, wrong, at)).toBe(false);
});

test.each([
  ["", ""],
  ["f", "MY"],
  ["fo", "MZXQ"],
  ["foo", "MZXW6"],
  ["foob", "MZXW6YQ"],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI"],
])("base32 of %j is %j (RFC 4648)", (text, code) => {
  expect(base32(text)).toBe(code);
});

test("the address for authenticator apps names issuer and person", () => {
  expect(totpUri("foobar", "a+b@example.com")).toBe(
    "otpauth://totp/Burgee%3Aa%2Bb%40example.com?secret=MZXW6YTBOI&issuer=Burgee&digits=6&period=30",
  );
});
