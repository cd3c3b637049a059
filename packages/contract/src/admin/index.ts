/** Schemas of the admin side, by noun. */
export * from "./audit.ts";
export * from "./auth.ts";
export * from "./environments.ts";
export * from "./feature-states.ts";
export * from "./features.ts";
export * from "./fields.ts";
export * from "./flags.ts";
export * from "./identities.ts";
export * from "./multivariate-options.ts";
export * from "./organisations.ts";
export * from "./paging.ts";
export * from "./people.ts";
export * from "./projects.ts";
export * from "./setup.ts";
export * from "./tags.ts";
export * from "./typed-values.ts";
export * from "./values.ts";
