/** People and how they sign in, as the admin side speaks of them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

/** An address as browsers and Django take it; kept and compared in lower case. */
export function emailField(): drf.Field<string> {
  const text = drf.string({ maxLength: 254 });
  return drf.field(z.string().meta({ format: "email", maxLength: 254 }), (value) => {
    const parsed = drf.parse(text, value);
    if (!parsed.ok) return drf.refuse(...(parsed.body as string[]));
    return z.email().safeParse(parsed.value).success
      ? drf.accept(parsed.value)
      : drf.refuse("Enter a valid email address.");
  });
}

/** Never trimmed. Long ones are refused before anything is computed of them. */
export const passwordField = () => drf.string({ maxLength: 1000, trim: false });

export const personName = () => drf.string({ maxLength: 150 });

export const signUpTypes = ["NO_INVITE", "INVITE_EMAIL", "INVITE_LINK"] as const;

export const personSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
});

export const tokenSchema = z.object({ key: z.string().describe("For `Authorization: Token KEY`; shown once.") });

/** As lists show people. */
export const listedPersonSchema = personSchema.extend({
  last_login: z.string().nullable().describe("ISO-8601, UTC."),
});

export const memberSchema = listedPersonSchema.extend({
  role: z.enum(["ADMIN", "USER"]),
  date_joined: z.string(),
  two_factor_enabled: z.boolean(),
});
