import type { retentionPreviewSchema } from "@burgee/contract/admin";
import { Alert, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { fieldError, messageOf } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { EnvironmentDetail } from "../../api/types.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { ReadOnlyNote } from "../../components/read-only-note.tsx";
import { useEnvironmentPatch } from "./use-environment-patch.ts";

type Preview = z.infer<typeof retentionPreviewSchema>;
const numbers = new Intl.NumberFormat();

/** How long identities are kept that nobody sees any more. Says what would go before anything goes. */
export function Retention({ environment }: { environment: EnvironmentDetail }) {
  const save = useEnvironmentPatch(environment);
  const may = usePermissions(environment.api_key).may("ADMIN");
  const held = environment.identity_retention_days;
  const [seen, setSeen] = useState(environment);
  const [days, setDays] = useState<number | null>(held);
  const [settled] = useDebouncedValue(days, 300);
  const preview = useQuery({
    queryKey: [...queryKeys.environment(environment.api_key), "retention", settled],
    queryFn: ({ signal }) =>
      api.get<Preview>(apiPath`/environments/${environment.api_key}/retention-preview/`, {
        signal,
        query: { days: settled },
      }),
    enabled: settled !== null && may.isAllowed,
    retry: false,
  });
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => save({ identity_retention_days: days }, seen),
    onSuccess: (saved) => {
      setSeen(saved);
      notifyDone(days === null ? "Identities are kept for ever." : `Identities unseen for ${days} days are deleted.`);
    },
  });
  return (
    <Stack gap="md" maw={640}>
      <ReadOnlyNote may={may} />
      <NumberInput
        label="Delete identities that were not seen for so many days"
        description="Once a day, with their traits and overrides. Empty: never."
        value={days ?? ""}
        onChange={(value) => setDays(value === "" ? null : Number(value))}
        min={1}
        max={36_500}
        allowDecimal={false}
        suffix=" days"
        styles={{ wrapper: { maxWidth: 260 } }}
        error={fieldError(error, "identity_retention_days")}
        readOnly={!may.isAllowed}
      />
      {preview.error && <Text c="var(--mantine-color-error)">{messageOf(preview.error)}</Text>}
      {preview.data && days !== null && (
        <Alert variant="outline" color={preview.data.would_delete > 0 ? "red" : "gray"} role="status">
          Today this would delete {numbers.format(preview.data.would_delete)} of {numbers.format(preview.data.total)}{" "}
          identities{preview.data.oldest_last_seen && `; the oldest was last seen on ${preview.data.oldest_last_seen}`}.
        </Alert>
      )}
      <Group>
        <GatedButton may={may} loading={isPending} disabled={days === held} onClick={() => mutate()}>
          Save
        </GatedButton>
      </Group>
    </Stack>
  );
}
