/** Runtime routes that SDKs of old call. */
import { identityFlagSchema, incrementSchema, traitInputSchema, traitResponseSchema } from "@burgee/contract/sdk";
import { z } from "zod";
import type { RuntimeRoute } from "./runtime-route.ts";

const identifier = { identifier: "Who is asking." };
const oneFlag = "Name of a feature: only that flag is answered, bare.";
const legacyTraitSchema = z.object({
  trait_value: z.union([z.string(), z.number(), z.boolean()]).describe("Text, int, float or boolean; not null."),
});
const presentTrait = z.object({
  identity: z.object({ identifier: z.string() }),
  trait_key: z.string(),
  trait_value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
});

export const olderRoutes: readonly RuntimeRoute[] = [
  {
    method: "post",
    path: "/api/v1/traits/",
    summary: "Set one trait",
    body: traitInputSchema,
    responses: { 200: presentTrait },
    key: "any",
  },
  {
    method: "put",
    path: "/api/v1/traits/bulk/",
    summary: "Set traits, of one identity or of many",
    description: "A trait_value of null deletes the trait.",
    body: z.array(traitInputSchema),
    responses: { 200: z.array(presentTrait) },
    key: "any",
  },
  {
    method: "post",
    path: "/api/v1/traits/increment-value/",
    summary: "Add to an integer trait",
    body: incrementSchema,
    responses: { 200: z.object({ trait_key: z.string(), trait_value: z.int(), identifier: z.string() }) },
    key: "any",
  },
  {
    method: "get",
    path: "/api/v1/flags/{identifier}",
    summary: "Flags of an identity",
    params: identifier,
    query: { feature: oneFlag },
    responses: { 200: z.union([z.array(identityFlagSchema), identityFlagSchema]) },
    key: "any",
    deprecated: true,
  },
  {
    method: "get",
    path: "/api/v1/identities/{identifier}/",
    summary: "Flags, traits and segments of an identity",
    description: "Segments are named to server-side keys only.",
    params: identifier,
    responses: {
      200: z.object({
        flags: z.array(identityFlagSchema),
        traits: z.array(traitResponseSchema),
        segments: z.array(z.object({ id: z.int(), name: z.string(), description: z.null() })),
      }),
    },
    key: "any",
    deprecated: true,
  },
  {
    method: "post",
    path: "/api/v1/identities/{identifier}/traits/{key}",
    summary: "Set one trait of an identity",
    params: { ...identifier, key: "The trait's key." },
    body: legacyTraitSchema,
    responses: { 200: traitResponseSchema },
    key: "any",
    deprecated: true,
  },
];
