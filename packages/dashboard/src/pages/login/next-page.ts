/** The page to go to after signing in: one of ours, never another site's. */
export function nextPage(next: string | undefined): string {
  if (next === undefined || !next.startsWith("/") || /^\/[/\\]/.test(next)) return "/";
  return next.startsWith("/login") ? "/" : next;
}
