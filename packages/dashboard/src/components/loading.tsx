import { Group, Skeleton, Stack, VisuallyHidden } from "@mantine/core";

export interface LoadingRowsProps {
  /** About as many as will come, so that nothing jumps. */
  readonly rows?: number;
  readonly height?: number;
  /** For who cannot see it: "Loading features". */
  readonly label?: string;
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** The place of a list that is on its way. */
export function LoadingRows({ rows = 6, height = 44, label = "Loading" }: LoadingRowsProps) {
  return (
    <Stack gap={8} aria-busy="true">
      <VisuallyHidden role="status">{label}</VisuallyHidden>
      {upTo(rows).map((row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}

/** The place of a whole page, with its header. */
export function LoadingPage() {
  return (
    <Stack gap="lg" aria-busy="true">
      <VisuallyHidden role="status">Loading the page</VisuallyHidden>
      <Group justify="space-between">
        <Stack gap={8}>
          <Skeleton height={28} width={220} />
          <Skeleton height={16} width={340} maw="80vw" />
        </Stack>
        <Skeleton height={36} width={120} visibleFrom="sm" />
      </Group>
      <LoadingRows />
    </Stack>
  );
}
