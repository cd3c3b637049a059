/** Signing in and one's own account, as Flagsmith's clients do it. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { emailField, passwordField, personName, personSchema, signUpTypes } from "./people.ts";

export const loginInput = drf.object({ email: drf.string({ maxLength: 254 }), password: passwordField() });

export const loginSchema = z.union([
  z.object({ key: z.string().describe("For `Authorization: Token KEY`; shown once.") }),
  z.object({
    ephemeral_token: z.string().describe("Goes to auth/login/code/ with a code, within ten minutes."),
    method: z.literal("app"),
  }),
]);

export const loginCodeInput = drf.object({
  ephemeral_token: drf.string({ maxLength: 500 }),
  code: drf.string({ maxLength: 50 }).describe("Six digits of the authenticator app, or a backup code."),
});

/** The same sentence twice: Flagsmith's dashboard reads `error`, everybody else `detail`. */
export const wrongCodeSchema = z.object({ detail: z.string(), error: z.string().optional() });

export const signUpInput = drf.object({
  email: emailField(),
  password: passwordField(),
  first_name: personName(),
  last_name: personName(),
  sign_up_type: drf.choice(signUpTypes).nullish(),
  invite_hash: drf.string({ maxLength: 100 }).nullish().describe("Of the invitation or the invitation link."),
});

export const signedUpSchema = personSchema.extend({
  sign_up_type: z.string().nullable(),
  is_active: z.boolean(),
  marketing_consent_given: z.boolean(),
  key: z.string(),
});

export const meSchema = personSchema.extend({
  sign_up_type: z.string().nullable(),
  auth_type: z.string().describe("EMAIL, or OIDC for whoever has no password."),
  is_superuser: z.boolean(),
  date_joined: z.string(),
  pylon_email_signature: z.string(),
  two_factor_enabled: z.boolean(),
  organisations: z.array(
    z.object({
      role: z.enum(["ADMIN", "USER"]),
      organisation: z.object({
        id: z.int(),
        uuid: z.string(),
        name: z.string(),
        force_2fa: z.boolean().describe("Without two-factor authentication the caller gets no further."),
      }),
    }),
  ),
});

export const meInput = drf.object({ first_name: personName(), last_name: personName() });
export const mePatch = drf.object({ first_name: personName().optional(), last_name: personName().optional() });

export const deleteMeInput = drf.object({
  current_password: passwordField().nullish(),
  delete_orphan_organisations: drf.boolean().optional().describe("Organisations with no other member go along."),
});

const linkParts = { uid: drf.string({ maxLength: 50 }), token: drf.string({ maxLength: 100 }) };
export const activationInput = drf.object(linkParts);
export const emailResetConfirmInput = drf.object({ ...linkParts, new_email: emailField() });

export const setPasswordInput = drf.object({
  current_password: passwordField(),
  new_password: passwordField(),
  re_new_password: passwordField().optional(),
});

export const setEmailInput = drf.object({ current_password: passwordField(), new_email: emailField() });

export const resetPasswordInput = drf.object({ email: emailField() });

export const resetConfirmInput = drf.object({
  uid: drf.string({ maxLength: 50 }),
  token: drf.string({ maxLength: 100 }),
  new_password: passwordField(),
  re_new_password: passwordField().optional(),
});

export const twoFactorParams = drf.object({ method: drf.choice(["app"]) });
export const twoFactorBegunSchema = z.object({
  secret: z.string().describe("Base32, for typing."),
  qr_link: z.string().describe("otpauth://…, for the QR code."),
});
export const twoFactorCodeInput = drf.object({ code: drf.string({ maxLength: 50 }) });
export const twoFactorEndInput = drf.object({ code: drf.string({ maxLength: 50 }).nullish() });
export const backupCodesSchema = z.object({ backup_codes: z.array(z.string()) });
export const twoFactorMethodsSchema = z.array(z.object({ name: z.string(), is_primary: z.boolean() }));
