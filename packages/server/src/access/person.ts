/** Some doors are for people: an organisation key has no account. */
import { AppError } from "../errors.ts";
import type { Caller } from "./caller.ts";

/** The caller's user id; throws AppError "forbidden" for keys. */
export function personOf(caller: Caller): number {
  if (caller.kind === "user") return caller.id;
  throw new AppError("forbidden", { detail: "This is for people: an organisation key has no account." });
}
