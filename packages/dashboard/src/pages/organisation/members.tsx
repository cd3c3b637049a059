import {
  Alert,
  Badge,
  Button,
  Group,
  Modal,
  NativeSelect,
  Paper,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { meQuery } from "../../api/queries.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import {
  type Invite,
  listKey,
  listPath,
  listQuery,
  type Member,
  type OrganisationProps,
} from "./organisation-queries.ts";

const nameOf = ({ first_name, last_name, email }: Member): string => `${first_name} ${last_name}`.trim() || email;

export function Members({ organisationId, may }: OrganisationProps) {
  const [q, setQ] = useState("");
  const [isInviting, setIsInviting] = useState(false);
  const { data, error, refetch } = useQuery(listQuery<Member>(organisationId, "users"));
  const found = data?.filter((member) => `${nameOf(member)} ${member.email}`.toLowerCase().includes(q.toLowerCase()));
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <SearchField value={q} onSearch={setQ} label="Search members" style={{ flex: "1 1 14rem", maxWidth: 360 }} />
        <GatedButton may={may} onClick={() => setIsInviting(true)}>
          Invite
        </GatedButton>
      </Group>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !found ? (
        <LoadingRows />
      ) : (
        <Stack gap="xs">
          {found.map((member) => (
            <MemberLine key={member.id} member={member} organisationId={organisationId} may={may} />
          ))}
        </Stack>
      )}
      {may.isAllowed && <Invites organisationId={organisationId} may={may} />}
      <Modal opened={isInviting} onClose={() => setIsInviting(false)} title="Invite somebody">
        {isInviting && <InviteForm organisationId={organisationId} onClose={() => setIsInviting(false)} />}
      </Modal>
    </Stack>
  );
}

function MemberLine({ member, organisationId, may }: OrganisationProps & { member: Member }) {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const [isRemoving, setIsRemoving] = useState(false);
  const stale = () => client.invalidateQueries({ queryKey: listKey(organisationId, "users") });
  const path = listPath(organisationId, "users");
  const change = useMutation({
    mutationFn: (role: string) => api.post(`${path}${member.id}/update-role/`, { role }),
    onSuccess: async () => {
      await stale();
      notifyDone(`Saved what ${nameOf(member)} is.`);
    },
    onError: (error) => notifyError(error, "It was not changed"),
  });
  const isMe = me?.id === member.id;
  return (
    <Paper px="md" py="sm">
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600}>{nameOf(member)}</Text>
            {isMe && (
              <Badge variant="default" tt="none">
                you
              </Badge>
            )}
            {member.two_factor_enabled && (
              <Badge variant="outline" color="gray" tt="none">
                two-factor
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {member.email}, last here <RelativeTime at={member.last_login} />
          </Text>
        </div>
        <Group gap="xs">
          <NativeSelect
            aria-label={`Role of ${nameOf(member)}`}
            value={member.role}
            onChange={(event) => change.mutate(event.currentTarget.value)}
            data={[
              { value: "ADMIN", label: "administrator" },
              { value: "USER", label: "member" },
            ]}
            disabled={!may.isAllowed || isMe}
          />
          {may.isAllowed && !isMe && (
            <Button variant="default" onClick={() => setIsRemoving(true)} aria-label={`Remove ${nameOf(member)}`}>
              Remove
            </Button>
          )}
        </Group>
      </Group>
      <ConfirmDanger
        opened={isRemoving}
        onClose={() => setIsRemoving(false)}
        title={`Remove ${nameOf(member)}?`}
        confirmLabel="Remove member"
        destroys={["their membership, and everything they were given in this organisation"]}
        onConfirm={async () => {
          await api.post(listPath(organisationId, "remove-users"), [{ id: member.id }]);
          await stale();
          notifyDone(`${nameOf(member)} belongs to it no more.`);
        }}
      />
    </Paper>
  );
}

function InviteForm({ organisationId, onClose }: { organisationId: number; onClose: () => void }) {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("USER");
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () =>
      api.post<{ invites: { link: string }[] }>(listPath(organisationId, "invite"), { invites: [{ email, role }] }),
    onSuccess: () => client.invalidateQueries({ queryKey: listKey(organisationId, "invites") }),
  });
  const link = data?.invites[0]?.link;
  if (link !== undefined) {
    return (
      <Stack gap="md">
        <Alert variant="outline" color="gray" title={`Give this link to ${email}`}>
          <CopyText text={link} what="link" />
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
        <FormProblem error={error} fields={["invites"]} />
        <TextInput
          type="email"
          label="E-mail address"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={fieldError(error, "invites")}
          required
          data-autofocus
        />
        <NativeSelect
          label="As"
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
          data={[
            { value: "USER", label: "member: may do what they are given" },
            { value: "ADMIN", label: "administrator: may do everything" },
          ]}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={isPending}>
            Invite
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Invites({ organisationId }: OrganisationProps) {
  const client = useQueryClient();
  const { data = [] } = useQuery(listQuery<Invite>(organisationId, "invites"));
  const withdraw = useMutation({
    mutationFn: (id: number) => api.delete(`${listPath(organisationId, "invites")}${id}/`),
    onSuccess: () => client.invalidateQueries({ queryKey: listKey(organisationId, "invites") }),
    onError: (error) => notifyError(error),
  });
  if (data.length === 0) return null;
  return (
    <section aria-label="Open invitations">
      <Title order={2} mb="sm">
        Open invitations
      </Title>
      <Table.ScrollContainer minWidth={320}>
        <Table aria-label="Open invitations">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Who</Table.Th>
              <Table.Th scope="col">Invited</Table.Th>
              <Table.Th scope="col">Link</Table.Th>
              <Table.Th scope="col">End</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((invite) => (
              <Table.Tr key={invite.id}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{invite.email}</Table.Td>
                <Table.Td>
                  <RelativeTime at={invite.date_created} />
                </Table.Td>
                <Table.Td>
                  <CopyText text={invite.link} shown="" what={`link for ${invite.email}`} />
                </Table.Td>
                <Table.Td>
                  <Button
                    variant="default"
                    size="xs"
                    loading={withdraw.isPending && withdraw.variables === invite.id}
                    onClick={() => withdraw.mutate(invite.id)}
                    aria-label={`Withdraw the invitation of ${invite.email}`}
                  >
                    Withdraw
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}
