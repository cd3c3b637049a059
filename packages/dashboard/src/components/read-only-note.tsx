import { Text } from "@mantine/core";
import type { May } from "../api/use-permissions.ts";

/** Above settings that one may see and not change: why, once. */
export function ReadOnlyNote({ may }: { may: May }) {
  if (may.reason === undefined) return null;
  return (
    <Text c="dimmed" role="note">
      {may.reason}
    </Text>
  );
}
