import { Button, Group, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";

const STEP = 100;

/** The first hundred of a list, and a way to the next: thousands of rows with buttons would make a page slow. */
export function useFirst<T>(all: readonly T[]): { readonly first: readonly T[]; readonly more: ReactNode } {
  const [most, setMost] = useState(STEP);
  const more = all.length > most && (
    <Group justify="space-between" mt="sm">
      <Text c="dimmed" size="sm">
        {most} of {all.length}
      </Text>
      <Button variant="default" size="xs" onClick={() => setMost(most + STEP)}>
        Show more
      </Button>
    </Group>
  );
  return { first: all.slice(0, most), more };
}
