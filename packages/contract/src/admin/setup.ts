/** The first account of an installation. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { emailField, passwordField, personName, personSchema } from "./people.ts";

export const setupStateSchema = z.object({
  setup_required: z.boolean().describe("Nobody has an account yet: use the link that the server printed."),
  open_sign_up: z.boolean().describe("Anybody may sign up; otherwise by invitation."),
  oidc: z
    .object({ provider: z.string(), name: z.string().describe("For the button.") })
    .nullable()
    .describe("The identity provider, if there is one: POST /api/auth/sign-in/social with this provider."),
});

export const setupParams = drf.object({ token: drf.string({ maxLength: 100 }) });

export const setupLinkSchema = z.object({ expires_at: z.string() });

export const setupInput = drf.object({
  email: emailField(),
  password: passwordField(),
  first_name: personName().optional(),
  last_name: drf.string({ maxLength: 150, allowBlank: true }).optional(),
  organisation_name: drf.string({ maxLength: 2000 }),
});

export const setupDoneSchema = z.object({
  key: z.string().describe("For `Authorization: Token KEY`; shown once."),
  user: personSchema,
  organisation: z.object({ id: z.int(), name: z.string() }),
});
