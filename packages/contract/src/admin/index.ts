/** Schemas of the admin side, by noun. */
export {};
