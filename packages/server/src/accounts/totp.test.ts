import { expect, test } from "bun:test";
import { totpCode } from "../testing/test-totp.ts";
import { base32, isTotp } from "./totp.ts";

const NOW = 1_800_000_000_000;
const secret = "a secret of tests";

test("a code counts in its own step and the ones beside it", () => {
  const code = totpCode(base32(secret), NOW);
  for (const late of [-30_000, 0, 30_000]) expect(isTotp(secret, code, NOW + late)).toBe(true);
  for (const late of [-90_000, 90_000]) expect(isTotp(secret, code, NOW + late)).toBe(false);
});

test("no text is too odd for a code: six characters need not be six bytes", () => {
  for (const code of ["", "12345", "１２３４５６", "\u{6bf07}\u{5a691}\u{2a966}", "١٢٣٤٥٦", "\0\0\0\0\0\0"]) {
    expect(isTotp(secret, code, NOW)).toBe(false);
  }
});
