/** Whose tokens an organisation trusts: a workload shows its platform's, and gets a short one of ours. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

const claimRule = drf.object({
  claim: drf.string({ maxLength: 100 }).describe("A member of the token: sub, repository, environment, …"),
  values: drf
    .list(drf.string({ maxLength: 500 }), { maxLength: 20 })
    .describe("One of them has to be it; * stands for any run of characters."),
});

const fields = {
  name: drf.string({ maxLength: 100 }),
  issuer: drf.string({ maxLength: 500 }).describe("The address in `iss`; its keys are found from there."),
  audience: drf.string({ maxLength: 500 }).describe("What `aud` has to name."),
  claim_rules: drf.list(claimRule, { maxLength: 20 }).describe("All have to hold; at least one."),
};

const isAdmin = drf
  .boolean()
  .optional()
  .describe("May do everything in the organisation; otherwise its key's roles decide.");

export const trustInput = drf.object({ ...fields, is_admin: isAdmin });
export const trustPatch = drf.object({
  name: fields.name.optional(),
  issuer: fields.issuer.optional(),
  audience: fields.audience.optional(),
  claim_rules: fields.claim_rules.optional(),
  is_admin: isAdmin,
});
export type TrustPatch = z.output<typeof trustPatch>;

export const trustSchema = z.object({
  id: z.int(),
  name: z.string(),
  issuer: z.string(),
  audience: z.string(),
  claim_rules: z.array(z.object({ claim: z.string(), values: z.array(z.string()) })),
  is_admin: z.boolean(),
  master_api_key: z.string().describe("Prefix of the key it acts as; roles are given to that."),
  created_by: z.int().nullable(),
  created_at: z.string(),
});
