/** Schemas of the admin side, by noun. */
export * from "./audit.ts";
export * from "./identities.ts";
export * from "./values.ts";
