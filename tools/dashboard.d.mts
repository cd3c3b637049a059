/** True where there is a build of the sources as they are. */
export function ensureDashboard(bun: string): Promise<boolean>;
export function fingerprint(sources?: readonly string[]): string;
export function isServe(args: readonly string[]): boolean;
