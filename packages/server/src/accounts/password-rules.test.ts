import { expect, test } from "bun:test";
import { passwordFaults } from "./password-rules.ts";

const owner = { email: "ana.lima@example.com", firstName: "Ana", lastName: "Albuquerque" };

test.each([
  ["correct horse battery", []],
  ["ñañañañañ", []],
  ["short", ["This password is too short. It must contain at least 8 characters."]],
  ["Password1", ["This password is too common."]],
  ["90871625342", ["This password is entirely numeric."]],
  ["12345678", ["This password is entirely numeric."]],
  ["ana.lima@example.com", ["The password is too similar to the email."]],
  ["limaana.example", ["The password is too similar to the email."]],
  ["Albuquerque9", ["The password is too similar to the last name."]],
  ["x".repeat(128), []],
  ["x".repeat(129), ["This password is too long. It may have 128 characters at most."]],
])("%p has the faults %j", (password, faults) => {
  expect(passwordFaults(password, owner)).toEqual(faults);
});

test("every fault is named", () => {
  expect(passwordFaults("1234", { email: "1234@example.com" })).toEqual([
    "The password is too similar to the email.",
    "This password is too short. It must contain at least 8 characters.",
    "This password is entirely numeric.",
  ]);
});
