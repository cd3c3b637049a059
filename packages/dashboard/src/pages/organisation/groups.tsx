import { Button, Checkbox, Group, Modal, MultiSelect, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { patchSeen } from "../../api/patch-seen.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { ManagedLine, ManagedList } from "../../components/managed-list.tsx";
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
  const query = useQuery(listQuery<TeamGroup>(organisationId, "groups"));
  return (
    <ManagedList
      purpose="Groups are given permissions and roles together."
      query={query}
      may={may}
      noun="group"
      empty={{ title: "No groups yet", text: "Make one for each team, and give permissions to the team." }}
      form={(onDone) => <GroupForm organisationId={organisationId} group={undefined} onDone={onDone} />}
    >
      {(group) => <GroupLine group={group} organisationId={organisationId} may={may} />}
    </ManagedList>
  );
}

function GroupLine({ group, organisationId, may }: OrganisationProps & { group: TeamGroup }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<"edit" | "delete">();
  const close = () => setOpen(undefined);
  const { name } = group;
  return (
    <ManagedLine
      name={name}
      badges={[group.is_default && "everybody new joins"]}
      facts={group.users.map(({ email }) => email).join(", ") || "nobody is in it"}
      actions={
        may.isAllowed && (
          <>
            <Button variant="default" size="xs" onClick={() => setOpen("edit")} aria-label={`Change ${name}`}>
              Change
            </Button>
            <Button variant="default" size="xs" onClick={() => setOpen("delete")} aria-label={`Delete ${name}`}>
              Delete
            </Button>
          </>
        )
      }
    >
      <Modal opened={open === "edit"} onClose={close} title={`Group ${name}`}>
        {open === "edit" && <GroupForm organisationId={organisationId} group={group} onDone={close} />}
      </Modal>
      <ConfirmDanger
        opened={open === "delete"}
        onClose={close}
        title={`Delete the group ${name}?`}
        confirmLabel="Delete group"
        destroys={["what the group was given; its members stay in the organisation"]}
        onConfirm={async () => {
          await api.delete(`${listPath(organisationId, "groups")}${group.id}/`);
          await client.invalidateQueries({ queryKey: listKey(organisationId, "groups") });
          notifyDone(`Deleted ${name}.`);
        }}
      />
    </ManagedLine>
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
  const [seen] = useState(group);
  const held = seen?.users.map(({ id }) => String(id)) ?? [];
  const [name, setName] = useState(seen?.name ?? "");
  const [isDefault, setIsDefault] = useState(seen?.is_default ?? false);
  const [chosen, setChosen] = useState(held);
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const path = listPath(organisationId, "groups");
      const body = { name: name.trim(), is_default: isDefault };
      const saved = seen
        ? await patchSeen<TeamGroup>(`${path}${seen.id}/`, seen, body)
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
