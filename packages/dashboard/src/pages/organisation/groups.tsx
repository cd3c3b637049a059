import { Badge, Button, Checkbox, Group, Modal, MultiSelect, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyDone } from "../../components/notify.tsx";
import {
  listKey,
  listPath,
  listQuery,
  type Member,
  type OrganisationProps,
  type TeamGroup,
} from "./organisation-queries.ts";

export function Groups({ organisationId, may }: OrganisationProps) {
  const [isMaking, setIsMaking] = useState(false);
  const { data, error, refetch } = useQuery(listQuery<TeamGroup>(organisationId, "groups"));
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed">Groups are given permissions and roles together.</Text>
        <GatedButton may={may} onClick={() => setIsMaking(true)}>
          New group
        </GatedButton>
      </Group>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={2} />
      ) : data.length === 0 ? (
        <EmptyState title="No groups yet">Make one for each team, and give permissions to the team.</EmptyState>
      ) : (
        data.map((group) => <GroupLine key={group.id} group={group} organisationId={organisationId} may={may} />)
      )}
      <Modal opened={isMaking} onClose={() => setIsMaking(false)} title="New group">
        {isMaking && <GroupForm organisationId={organisationId} group={undefined} onDone={() => setIsMaking(false)} />}
      </Modal>
    </Stack>
  );
}

function GroupLine({ group, organisationId, may }: OrganisationProps & { group: TeamGroup }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<"edit" | "delete">();
  return (
    <Paper px="md" py="sm">
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600}>{group.name}</Text>
            {group.is_default && (
              <Badge variant="outline" color="gray" tt="none">
                everybody new joins
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {group.users.map(({ email }) => email).join(", ") || "nobody is in it"}
          </Text>
        </div>
        {may.isAllowed && (
          <Group gap="xs">
            <Button variant="default" size="xs" onClick={() => setOpen("edit")} aria-label={`Change ${group.name}`}>
              Change
            </Button>
            <Button variant="default" size="xs" onClick={() => setOpen("delete")} aria-label={`Delete ${group.name}`}>
              Delete
            </Button>
          </Group>
        )}
      </Group>
      <Modal opened={open === "edit"} onClose={() => setOpen(undefined)} title={`Group ${group.name}`}>
        {open === "edit" && (
          <GroupForm organisationId={organisationId} group={group} onDone={() => setOpen(undefined)} />
        )}
      </Modal>
      <ConfirmDanger
        opened={open === "delete"}
        onClose={() => setOpen(undefined)}
        title={`Delete the group ${group.name}?`}
        confirmLabel="Delete group"
        destroys={["what the group was given; its members stay in the organisation"]}
        onConfirm={async () => {
          await api.delete(`${listPath(organisationId, "groups")}${group.id}/`);
          await client.invalidateQueries({ queryKey: listKey(organisationId, "groups") });
          notifyDone(`Deleted ${group.name}.`);
        }}
      />
    </Paper>
  );
}

interface GroupFormProps {
  readonly organisationId: number;
  readonly group: TeamGroup | undefined;
  readonly onDone: () => void;
}

function GroupForm({ organisationId, group, onDone }: GroupFormProps) {
  const client = useQueryClient();
  const { data: members = [] } = useQuery(listQuery<Member>(organisationId, "users"));
  const held = group?.users.map(({ id }) => String(id)) ?? [];
  const [name, setName] = useState(group?.name ?? "");
  const [isDefault, setIsDefault] = useState(group?.is_default ?? false);
  const [chosen, setChosen] = useState(held);
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const path = listPath(organisationId, "groups");
      const body = { name: name.trim(), is_default: isDefault };
      const saved = group
        ? await api.patch<TeamGroup>(`${path}${group.id}/`, body)
        : await api.post<TeamGroup>(path, body);
      const added = chosen.filter((id) => !held.includes(id)).map(Number);
      const removed = held.filter((id) => !chosen.includes(id)).map(Number);
      if (added.length > 0) await api.post(`${path}${saved.id}/add-users/`, { user_ids: added });
      if (removed.length > 0) await api.post(`${path}${saved.id}/remove-users/`, { user_ids: removed });
      await client.invalidateQueries({ queryKey: listKey(organisationId, "groups") });
    },
    onSuccess: () => {
      notifyDone(`Saved ${name}.`);
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["name"]} />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(error, "name")}
          required
          data-autofocus
        />
        <MultiSelect
          label="Members"
          data={members.map(({ id, email }) => ({ value: String(id), label: email }))}
          value={chosen}
          onChange={setChosen}
          searchable
        />
        <Checkbox
          label="Whoever joins the organisation joins this group"
          checked={isDefault}
          onChange={(event) => setIsDefault(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending}>
            Save group
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
