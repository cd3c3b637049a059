/**
 * What the allocator inside Bun is told, which reads it before any script runs. It gives memory that was freed back to the system after a
 * few milliseconds, and has to fetch it again, page by page, for the next requests; after ten seconds, a busy server keeps what it
 * needs, and an idle one still gives it back. A twentieth to a tenth of the processor time a request.
 */
const PATIENT = { MIMALLOC_PURGE_DELAY: "10000" };

/** An environment for a server; what the user has set stays. */
export const forServer = (env) => ({ ...PATIENT, ...env });
