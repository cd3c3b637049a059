import type { environmentKeySchema } from "@burgee/contract/admin";
import { Paper, Stack, Switch, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { EnvironmentDetail } from "../../api/types.ts";
import { type May, usePermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { KeyForm } from "../../components/key-form.tsx";
import { ManagedLine, ManagedList } from "../../components/managed-list.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";

type Key = z.infer<typeof environmentKeySchema>;

const keysPath = (environmentKey: string): string => apiPath`/environments/${environmentKey}/api-keys/`;

/** The public key of browsers and phones, and the secret ones of servers. */
export function EnvironmentKeys({ environment }: { environment: EnvironmentDetail }) {
  const may = usePermissions(environment.api_key).may("ADMIN");
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
      <ManagedList
        title="Server-side keys"
        purpose="For your servers alone: they also read the whole environment for local evaluation."
        query={keys}
        may={may}
        isHiddenWithout
        noun="key"
        empty={{
          title: "No server-side keys yet",
          text: "Make one for each server, so that one can be withdrawn alone.",
        }}
        form={(onDone) => <NewKey environmentKey={environment.api_key} onDone={onDone} />}
      >
        {(key) => <KeyLine held={key} environmentKey={environment.api_key} may={may} />}
      </ManagedList>
    </Stack>
  );
}

const hidden = (key: string): string => `${key.slice(0, 8)}…${key.slice(-4)}`;

interface KeyLineProps {
  readonly held: Key;
  readonly environmentKey: string;
  readonly may: May;
}

function KeyLine({ held, environmentKey, may }: KeyLineProps) {
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const path = `${keysPath(environmentKey)}${held.id}/`;
  const stale = () => client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
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
    <ManagedLine
      name={held.name}
      badges={[hasExpired && "expired"]}
      facts={
        <>
          made <RelativeTime at={held.created_at} />
          {held.expires_at !== null && (
            <>
              , {hasExpired ? "ended" : "ends"} <RelativeTime at={held.expires_at} />
            </>
          )}
        </>
      }
      actions={
        <>
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
        </>
      }
    >
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
    </ManagedLine>
  );
}

function NewKey({ environmentKey, onDone }: { environmentKey: string; onDone: () => void }) {
  const client = useQueryClient();
  return (
    <KeyForm
      description="Which server uses it."
      shownTitle="This is the key"
      doneLabel="Done"
      endField="expires_at"
      make={async (name, expires_at) => {
        const made = await api.post<Key>(keysPath(environmentKey), { name, expires_at });
        await client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
        return made;
      }}
      onDone={onDone}
    />
  );
}
