/** An environment for a server; what the user has set stays. */
export function forServer(env: Readonly<Record<string, string | undefined>>): Record<string, string>;
