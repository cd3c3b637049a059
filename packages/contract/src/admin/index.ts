/** Schemas of the admin side, by noun. */
export * from "./audit.ts";
export * from "./environments.ts";
export * from "./fields.ts";
export * from "./identities.ts";
export * from "./organisations.ts";
export * from "./paging.ts";
export * from "./projects.ts";
export * from "./tags.ts";
export * from "./values.ts";
