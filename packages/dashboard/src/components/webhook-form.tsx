import type { WEBHOOK_EVENTS } from "@burgee/contract/admin";
import { Button, Checkbox, Group, PasswordInput, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../api/client.ts";
import { fieldError, messageOf } from "../api/errors.ts";
import { patchSeen } from "../api/patch-seen.ts";
import { FormProblem } from "./form-problem.tsx";
import { notifyDone } from "./notify.tsx";
import type { Webhook, WebhooksProps } from "./webhooks.tsx";

type EventName = (typeof WEBHOOK_EVENTS)[number];

const EVENTS: Readonly<Record<EventName, string>> = {
  FLAG_UPDATED: "a flag changed",
  FLAG_DELETED: "a flag was deleted",
  AUDIT_LOG_CREATED: "anything was written to the audit log (organisations only)",
  NEW_VERSION_PUBLISHED: "a feature was published as a version",
  IDENTITY_CREATED: "an identity was seen for the first time",
  IDENTITY_DELETED: "an identity was deleted",
  TRAITS_UPDATED: "traits of an identity changed",
  IDENTITY_OVERRIDE_UPDATED: "an identity's override was set",
  IDENTITY_OVERRIDE_DELETED: "an identity's override was removed",
  SEGMENT_CREATED: "a segment was made",
  SEGMENT_UPDATED: "a segment changed",
  SEGMENT_DELETED: "a segment was deleted",
};

export interface WebhookFormProps extends Pick<WebhooksProps, "path" | "scope"> {
  readonly hook: Webhook | undefined;
  readonly onDone: () => void;
}

export function WebhookForm({ path, scope, hook, onDone }: WebhookFormProps) {
  const client = useQueryClient();
  const [seen] = useState(hook);
  const [url, setUrl] = useState(hook?.url ?? "");
  const [name, setName] = useState(hook?.name ?? "");
  const [secret, setSecret] = useState(hook?.secret ?? "");
  const [chosen, setChosen] = useState<readonly string[] | null>(hook?.events ?? null);
  const save = useMutation({
    mutationFn: async () => {
      const body = { url, secret, events: chosen, ...(scope.type === "organisation" && { name: name || null }) };
      if (seen) await patchSeen(`${path}${seen.id}/`, seen, body);
      else await api.post(path, { ...body, enabled: true });
      await client.invalidateQueries({ queryKey: ["webhooks", path] });
    },
    onSuccess: () => {
      notifyDone(`Saved the webhook.`);
      onDone();
    },
  });
  const test = useMutation({
    mutationFn: () =>
      api.post<{ detail: string; status: number }>(apiPath`/webhooks/test/`, { webhook_url: url, secret, scope }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={save.error} fields={["url", "secret", "name", "events"]} />
        <TextInput
          label="Address"
          placeholder="https://example.com/hooks/flags"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={fieldError(save.error, "url")}
          required
          data-autofocus
        />
        {scope.type === "organisation" && (
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        )}
        <PasswordInput
          label="Secret"
          description="Signs what is sent, so that the receiver knows that it comes from here."
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          error={fieldError(save.error, "secret")}
          autoComplete="off"
        />
        <Radio.Group
          label="Tell of"
          value={chosen === null ? "flags" : "some"}
          onChange={(value) => setChosen(value === "flags" ? null : ["FLAG_UPDATED", "FLAG_DELETED"])}
        >
          <Group mt={4}>
            <Radio value="flags" label="flags, as Flagsmith does" />
            <Radio value="some" label="only what is chosen" />
          </Group>
        </Radio.Group>
        {chosen !== null && (
          <Checkbox.Group value={[...chosen]} onChange={setChosen} error={fieldError(save.error, "events")}>
            <Stack gap={6}>
              {Object.entries(EVENTS).map(([key, words]) => (
                <Checkbox key={key} value={key} label={words} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        {test.error !== null && <Text c="var(--mantine-color-error)">{messageOf(test.error)}</Text>}
        {test.data && <Text role="status">It answered {test.data.status}.</Text>}
        <Group justify="space-between">
          <Button variant="default" loading={test.isPending} disabled={url === ""} onClick={() => test.mutate()}>
            Send a test
          </Button>
          <Group gap="sm">
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save webhook
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
