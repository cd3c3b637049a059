import { Alert, Badge, Button, Checkbox, Group, Modal, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { listKey, listPath, listQuery, type OrganisationKey, type OrganisationProps } from "./organisation-queries.ts";

const NOUN = "master-api-keys";

/** Keys for scripts, Terraform and the command line: they act for the organisation, not for a person. */
export function Keys({ organisationId, may }: OrganisationProps) {
  const [isMaking, setIsMaking] = useState(false);
  const { data, error, refetch } = useQuery({
    ...listQuery<OrganisationKey>(organisationId, NOUN),
    enabled: may.isAllowed,
  });
  if (!may.isAllowed) return <EmptyState title="Not yours to see">{may.reason}</EmptyState>;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed">For Terraform, the command line and scripts. Each is shown once, when it is made.</Text>
        <GatedButton may={may} onClick={() => setIsMaking(true)}>
          New key
        </GatedButton>
      </Group>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={2} />
      ) : data.length === 0 ? (
        <EmptyState title="No keys yet">
          Make one for each thing that calls the API, so that one can be withdrawn alone.
        </EmptyState>
      ) : (
        data.map((held) => <KeyLine key={held.id} held={held} organisationId={organisationId} may={may} />)
      )}
      <Modal opened={isMaking} onClose={() => setIsMaking(false)} title="New organisation key">
        {isMaking && <KeyForm organisationId={organisationId} onClose={() => setIsMaking(false)} />}
      </Modal>
    </Stack>
  );
}

function stateOf({ revoked, has_expired }: OrganisationKey): string | undefined {
  if (revoked) return "revoked";
  return has_expired ? "expired" : undefined;
}

function KeyLine({ held, organisationId, may }: OrganisationProps & { held: OrganisationKey }) {
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const state = stateOf(held);
  return (
    <Paper px="md" py="sm">
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600}>{held.name}</Text>
            <Badge variant="outline" color="gray" tt="none">
              {state ?? (held.is_admin ? "administrator" : "by its roles")}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            <code>{held.prefix}</code>, made <RelativeTime at={held.created} />, last used{" "}
            <RelativeTime at={held.last_used} />
            {held.expiry_date && (
              <>
                , ends <RelativeTime at={held.expiry_date} />
              </>
            )}
          </Text>
        </div>
        <GatedButton may={may} variant="default" size="xs" onClick={() => setIsDeleting(true)}>
          Revoke
        </GatedButton>
      </Group>
      <ConfirmDanger
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={`Revoke the key ${held.name}?`}
        confirmLabel="Revoke key"
        destroys={["the key: whatever uses it is refused from now on"]}
        onConfirm={async () => {
          await api.delete(`${listPath(organisationId, NOUN)}${held.prefix}/`);
          await client.invalidateQueries({ queryKey: listKey(organisationId, NOUN) });
          notifyDone(`Revoked ${held.name}.`);
        }}
      />
    </Paper>
  );
}

function KeyForm({ organisationId, onClose }: { organisationId: number; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [isAdmin, setIsAdmin] = useState(true);
  const [until, setUntil] = useState("");
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () =>
      api.post<{ key: string }>(listPath(organisationId, NOUN), {
        name: name.trim(),
        is_admin: isAdmin,
        expiry_date: until === "" ? null : new Date(until).toISOString(),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: listKey(organisationId, NOUN) }),
  });
  if (data) {
    return (
      <Stack gap="md">
        <Alert variant="outline" color="gray" title="Copy it now: it is not shown again">
          <CopyText text={data.key} what="key" />
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have copied it</Button>
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
        <FormProblem error={error} fields={["name", "expiry_date"]} />
        <TextInput
          label="Name"
          description="What uses it."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(error, "name")}
          required
          data-autofocus
        />
        <Checkbox
          label="May do everything in the organisation"
          description="Otherwise its roles decide."
          checked={isAdmin}
          onChange={(event) => setIsAdmin(event.currentTarget.checked)}
        />
        <TextInput
          type="datetime-local"
          label="Until"
          description="Empty: until it is revoked."
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
          error={fieldError(error, "expiry_date")}
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
