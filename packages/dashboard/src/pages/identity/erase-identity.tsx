/** The right to be forgotten: everything held of an identifier, in every environment of the organisation. */
import type { erasureSchema } from "@burgee/contract/admin";
import { Button, Group, List, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { environmentsQuery } from "../../api/queries.ts";
import { CopyText } from "../../components/copy-text.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";

export type Erasure = z.infer<typeof erasureSchema>;

export interface EraseIdentityProps {
  readonly organisationId: number;
  readonly projectId: number;
  readonly identifier: string;
  readonly opened: boolean;
  /** Whether it was erased. */
  readonly onClose: (isErased: boolean) => void;
}

const numbers = new Intl.NumberFormat();
const many = (count: number, one: string, more: string): string =>
  `${numbers.format(count)} ${count === 1 ? one : more}`;

const erasurePath = (organisationId: number): string => apiPath`/organisations/${organisationId}/erasure/`;

/** What goes, a line each; nothing that is nothing. */
function erasedLines({ environments, audit_entries }: Erasure, nameOf: (id: number) => string): string[] {
  const lines = environments.flatMap(({ environment, identities, overrides, events }) => {
    const parts = [
      identities > 0 ? "the identity with its traits" : undefined,
      overrides > 0 ? many(overrides, "override", "overrides") : undefined,
      events > 0 ? many(events, "event", "events") : undefined,
    ].filter((part) => part !== undefined);
    return parts.length === 0 ? [] : [`${nameOf(environment)}: ${parts.join(", ")}`];
  });
  if (audit_entries > 0) lines.push(`its data in ${many(audit_entries, "entry", "entries")} of the audit log`);
  return lines;
}

export function EraseIdentity(props: EraseIdentityProps) {
  const { identifier, opened, onClose } = props;
  const [receipt, setReceipt] = useState<Erasure>();
  return (
    <Modal
      opened={opened}
      onClose={() => onClose(receipt !== undefined)}
      title={receipt ? "Erased" : `Erase ${identifier} everywhere?`}
      size="lg"
    >
      {opened &&
        (receipt ? (
          <Receipt receipt={receipt} onClose={() => onClose(true)} />
        ) : (
          <Ask {...props} onErased={setReceipt} />
        ))}
    </Modal>
  );
}

function useEnvironmentNames(projectId: number) {
  const { data = [] } = useQuery(environmentsQuery(projectId));
  return (id: number): string => data.find((environment) => environment.id === id)?.name ?? `environment ${id}`;
}

function Ask(props: EraseIdentityProps & { onErased: (receipt: Erasure) => void }) {
  const { organisationId, projectId, identifier, onClose, onErased } = props;
  const nameOf = useEnvironmentNames(projectId);
  const [text, setText] = useState("");
  const path = erasurePath(organisationId);
  const plan = useQuery({
    queryKey: ["erasure", organisationId, identifier],
    queryFn: ({ signal }) => api.post<Erasure>(path, { identifier, dry_run: true }, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
  const erase = useMutation({
    mutationFn: () => api.post<Erasure>(path, { identifier }),
    onSuccess: onErased,
  });
  if (plan.error) return <ErrorState error={plan.error} onRetry={() => void plan.refetch()} />;
  if (!plan.data) return <Skeleton height={160} />;
  const lines = erasedLines(plan.data, nameOf);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text === identifier) erase.mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={erase.error} fields={[]} />
        <Text>
          For the right to be forgotten: everything that is held of this identifier, in every environment of the
          organisation. It cannot be undone. If the application asks for this user again, it begins anew.
        </Text>
        <div>
          <Text fw={600}>This destroys:</Text>
          {lines.length === 0 ? (
            <Text>Nothing is held of it.</Text>
          ) : (
            <List mt={4}>
              {lines.map((line) => (
                <List.Item key={line}>{line}</List.Item>
              ))}
            </List>
          )}
        </div>
        <TextInput
          label={`Type ${identifier} to go on`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={() => onClose(false)}>
            Cancel
          </Button>
          <Button type="submit" color="red.9" disabled={text !== identifier} loading={erase.isPending}>
            Erase everywhere
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Receipt({ receipt, onClose }: { receipt: Erasure; onClose: () => void }) {
  return (
    <Stack gap="md">
      <Text>
        Nothing of it is left. This receipt stands in the audit log and holds none of the data; the hash proves whose it
        is to whoever knows the identifier.
      </Text>
      <div>
        <Text fw={600}>Receipt</Text>
        <CopyText text={receipt.id} what="receipt" />
      </div>
      <div>
        <Text fw={600}>SHA-256 of the receipt, a colon and the identifier</Text>
        <CopyText text={receipt.identifier_hash} what="hash" />
      </div>
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
