/** The swallow-tailed pennant. */
export function Mark({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path fill="var(--mantine-color-text)" d="M3 2h2.2v20H3z" />
      <path fill="var(--mantine-color-signal-6)" d="M6.5 3.5h15L17.6 9l3.9 5.5h-15z" />
    </svg>
  );
}
