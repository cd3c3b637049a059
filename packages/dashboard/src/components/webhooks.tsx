/** Where changes are told to: of an environment, or of an organisation. With what was sent, and what was answered. */
import type { organisationWebhookSchema } from "@burgee/contract/admin";
import { Alert, Badge, Button, Group, Modal, Paper, Stack, Switch, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api } from "../api/client.ts";
import type { May } from "../api/use-permissions.ts";
import { ConfirmDanger } from "./confirm-danger.tsx";
import { GatedButton } from "./gated-button.tsx";
import { ManagedList } from "./managed-list.tsx";
import { notifyDone, notifyError } from "./notify.tsx";
import { RelativeTime } from "./time-ago.tsx";
import { Deliveries } from "./webhook-deliveries.tsx";
import { WebhookForm } from "./webhook-form.tsx";

/** Environments' have no name. */
export type Webhook = Omit<z.infer<typeof organisationWebhookSchema>, "name"> & { readonly name?: string | null };

export interface WebhooksProps {
  /** Of the list: "/api/v1/environments/KEY/webhooks/". */
  readonly path: string;
  readonly scope: { readonly type: "environment" | "organisation"; readonly id: string };
  readonly place: string;
  readonly may: May;
}

export const webhooksKey = (path: string) => ["webhooks", path] as const;

const listOf = (data: Webhook[] | { results: Webhook[] }): Webhook[] => (Array.isArray(data) ? data : data.results);

export function Webhooks(props: WebhooksProps) {
  const { path, place, may } = props;
  const query = useQuery({
    queryKey: webhooksKey(path),
    queryFn: async ({ signal }) => listOf(await api.get<Webhook[] | { results: Webhook[] }>(path, { signal })),
    enabled: may.isAllowed,
  });
  return (
    <ManagedList
      title="Webhooks"
      purpose={`Your services are told of changes in ${place}: signed, retried, in order.`}
      query={query}
      may={may}
      isHiddenWithout
      noun="webhook"
      empty={{ title: "No webhooks yet", text: "Name an address, and it hears of each change within a blink." }}
      form={(onDone) => <WebhookForm {...props} hook={undefined} onDone={onDone} />}
      formSize="lg"
    >
      {(hook) => <WebhookLine {...props} hook={hook} />}
    </ManagedList>
  );
}

const STATES: Readonly<Record<Webhook["status"], { readonly words: string; readonly colour: string }>> = {
  active: { words: "working", colour: "teal" },
  failing: { words: "failing", colour: "red" },
  paused: { words: "paused", colour: "gray" },
  disabled: { words: "stopped by the server", colour: "red" },
};

function WebhookLine({ hook, ...props }: WebhooksProps & { hook: Webhook }) {
  const { path, may } = props;
  const client = useQueryClient();
  const [open, setOpen] = useState<"edit" | "log" | "delete">();
  const one = `${path}${hook.id}/`;
  const stale = () => client.invalidateQueries({ queryKey: webhooksKey(path) });
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => api.patch(one, { enabled }),
    onSuccess: stale,
    onError: (error) => notifyError(error),
  });
  // What the line says of deliveries is then as new as the list under it.
  const showLog = () => {
    setOpen(open === "log" ? undefined : "log");
    void stale();
  };
  const { words } = STATES[hook.status];
  const name = hook.name || hook.url;
  return (
    <Paper p="md">
      <Stack gap="sm">
        <Group justify="space-between" gap="sm">
          <div style={{ flex: "1 1 16rem", minWidth: 0 }}>
            <Group gap={8}>
              <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                {name}
              </Text>
              <Badge variant="outline" color="gray" tt="none">
                {words}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {hook.name ? `${hook.url}, ` : ""}
              {hook.events === null ? "flags" : `${hook.events.length} kinds of events`}
              {hook.waiting > 0 && `, ${hook.waiting} waiting`}, last delivered{" "}
              <RelativeTime at={hook.last_delivered_at} />
            </Text>
          </div>
          <Switch
            aria-label={`${name} is told of changes`}
            checked={toggle.isPending ? toggle.variables : hook.enabled}
            onChange={(event) => toggle.mutate(event.currentTarget.checked)}
          />
        </Group>
        {hook.disabled_reason && (
          <Alert color="red" variant="outline" title="Stopped">
            {hook.disabled_reason} Switch it on again when the receiver is mended.
          </Alert>
        )}
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={() => setOpen("edit")}>
            Change
          </Button>
          <Button variant="default" size="xs" onClick={showLog}>
            {open === "log" ? "Hide deliveries" : "Deliveries"}
          </Button>
          <GatedButton may={may} variant="default" size="xs" onClick={() => setOpen("delete")}>
            Delete
          </GatedButton>
        </Group>
        {open === "log" && <Deliveries path={`${one}deliveries/`} />}
      </Stack>
      <Modal opened={open === "edit"} onClose={() => setOpen(undefined)} title={`Webhook ${name}`} size="lg">
        {open === "edit" && <WebhookForm {...props} hook={hook} onDone={() => setOpen(undefined)} />}
      </Modal>
      <ConfirmDanger
        opened={open === "delete"}
        onClose={() => setOpen(undefined)}
        title={`Delete the webhook ${name}?`}
        confirmLabel="Delete webhook"
        destroys={["its log of deliveries", ...(hook.waiting > 0 ? [`${hook.waiting} events that still wait`] : [])]}
        onConfirm={async () => {
          await api.delete(one);
          await stale();
          notifyDone("Deleted the webhook.");
        }}
      />
    </Paper>
  );
}
