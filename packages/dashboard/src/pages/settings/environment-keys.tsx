import type { environmentKeySchema } from "@burgee/contract/admin";
import { Alert, Badge, Button, Group, Modal, Paper, Stack, Switch, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { EnvironmentDetail } from "../../api/types.ts";
import { type May, usePermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";

type Key = z.infer<typeof environmentKeySchema>;

const keysPath = (environmentKey: string): string => apiPath`/environments/${environmentKey}/api-keys/`;

/** The public key of browsers and phones, and the secret ones of servers. */
export function EnvironmentKeys({ environment }: { environment: EnvironmentDetail }) {
  const may = usePermissions(environment.api_key).may("ADMIN");
  const [isMaking, setIsMaking] = useState(false);
  const keys = useQuery({
    queryKey: [...queryKeys.environment(environment.api_key), "api-keys"],
    queryFn: ({ signal }) => api.get<Key[]>(keysPath(environment.api_key), { signal }),
    enabled: may.isAllowed,
  });
  return (
    <Stack gap="xl">
      <Paper p="md">
        <Title order={2}>Public key</Title>
        <Text c="dimmed" mb={8}>
          For browsers and phones. It is no secret: whoever has it may ask for flags and identify users.
        </Text>
        <CopyText text={environment.api_key} what="public key" />
      </Paper>
      <section aria-label="Server-side keys">
        <Group justify="space-between" mb="sm">
          <div>
            <Title order={2}>Server-side keys</Title>
            <Text c="dimmed">For your servers alone: they also read the whole environment for local evaluation.</Text>
          </div>
          <GatedButton may={may} onClick={() => setIsMaking(true)}>
            New key
          </GatedButton>
        </Group>
        {!may.isAllowed ? (
          <EmptyState title="Not yours to see">{may.reason ?? "Only administrators see server-side keys."}</EmptyState>
        ) : keys.error ? (
          <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />
        ) : !keys.data ? (
          <LoadingRows rows={2} />
        ) : keys.data.length === 0 ? (
          <EmptyState title="No server-side keys yet">
            Make one for each server, so that one can be withdrawn alone.
          </EmptyState>
        ) : (
          <Stack gap="sm">
            {keys.data.map((key) => (
              <KeyLine key={key.id} held={key} environment={environment} may={may} />
            ))}
          </Stack>
        )}
      </section>
      <NewKey environment={environment} opened={isMaking} onClose={() => setIsMaking(false)} />
    </Stack>
  );
}

const hidden = (key: string): string => `${key.slice(0, 8)}…${key.slice(-4)}`;

function KeyLine({ held, environment, may }: { held: Key; environment: EnvironmentDetail; may: May }) {
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const path = `${keysPath(environment.api_key)}${held.id}/`;
  const stale = () => client.invalidateQueries({ queryKey: queryKeys.environment(environment.api_key) });
  const toggle = useMutation({
    mutationFn: (active: boolean) => api.patch(path, { active }),
    onSuccess: async (_nothing, active) => {
      await stale();
      notifyDone(`The key ${held.name} ${active ? "works again" : "works no more"}.`);
    },
    onError: (error) => notifyError(error),
  });
  const hasExpired = held.expires_at !== null && Date.parse(held.expires_at) < Date.now();
  return (
    <Paper px="md" py="sm">
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600}>{held.name}</Text>
            {hasExpired && (
              <Badge color="gray" variant="outline" tt="none">
                expired
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            made <RelativeTime at={held.created_at} />
            {held.expires_at !== null && (
              <>
                , {hasExpired ? "ended" : "ends"} <RelativeTime at={held.expires_at} />
              </>
            )}
          </Text>
        </div>
        <Group gap="sm">
          <CopyText text={held.key} shown={hidden(held.key)} what={`key ${held.name}`} />
          <Switch
            aria-label={`${held.name} works`}
            checked={toggle.isPending ? toggle.variables : held.active}
            onChange={(event) => toggle.mutate(event.currentTarget.checked)}
            disabled={!may.isAllowed}
          />
          <GatedButton may={may} variant="default" size="xs" onClick={() => setIsDeleting(true)}>
            Delete
          </GatedButton>
        </Group>
      </Group>
      <ConfirmDanger
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={`Delete the key ${held.name}?`}
        confirmLabel="Delete key"
        destroys={["the key: servers that use it get 401 from now on"]}
        onConfirm={async () => {
          await api.delete(path);
          await stale();
          notifyDone(`Deleted the key ${held.name}.`);
        }}
      />
    </Paper>
  );
}

interface NewKeyProps {
  readonly environment: EnvironmentDetail;
  readonly opened: boolean;
  readonly onClose: () => void;
}

function NewKey({ environment, opened, onClose }: NewKeyProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="New server-side key">
      {opened && <NewKeyForm environment={environment} onClose={onClose} />}
    </Modal>
  );
}

function NewKeyForm({ environment, onClose }: Omit<NewKeyProps, "opened">) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [until, setUntil] = useState("");
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () =>
      api.post<Key>(keysPath(environment.api_key), {
        name: name.trim(),
        expires_at: until === "" ? null : new Date(until).toISOString(),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: queryKeys.environment(environment.api_key) }),
  });
  if (data) {
    return (
      <Stack gap="md">
        <Alert variant="outline" color="gray" title="This is the key">
          <CopyText text={data.key} what="key" />
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["name", "expires_at"]} />
        <TextInput
          label="Name"
          description="Which server uses it."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(error, "name")}
          required
          data-autofocus
        />
        <TextInput
          type="datetime-local"
          label="Until"
          description="Empty: it works until it is withdrawn."
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
          error={fieldError(error, "expires_at")}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={isPending}>
            Make key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
