/** Roles: permissions under a name, given to people, groups and keys. */
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
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
  type OrganisationProps,
  type Role,
  type RoleProps,
} from "./organisation-queries.ts";
import { RoleHolders } from "./role-holders.tsx";
import { RoleRights } from "./role-rights.tsx";

export function Roles({ organisationId, may }: OrganisationProps) {
  const query = useQuery({ ...listQuery<Role>(organisationId, "roles"), enabled: may.isAllowed });
  return (
    <ManagedList
      purpose="A role is a set of permissions with a name, such as “support”."
      query={query}
      may={may}
      isHiddenWithout
      noun="role"
      empty={{ title: "No roles yet", text: "Make one for each kind of work, and give it to people, groups or keys." }}
      form={(onDone) => <RoleForm organisationId={organisationId} held={undefined} onDone={onDone} />}
    >
      {(role) => <RoleLine role={role} organisationId={organisationId} />}
    </ManagedList>
  );
}

function RoleLine({ role, organisationId }: RoleProps) {
  const client = useQueryClient();
  const [open, setOpen] = useState<"edit" | "holders" | "places" | "delete">();
  const close = () => setOpen(undefined);
  const buttons = [
    ["holders", "Who has it"],
    ["places", "What it allows"],
    ["edit", "Rename"],
    ["delete", "Delete"],
  ] as const;
  return (
    <ManagedLine
      name={role.name}
      facts={role.description || "No description."}
      actions={buttons.map(([what, words]) => (
        <Button
          key={what}
          variant="default"
          size="xs"
          onClick={() => setOpen(what)}
          aria-label={`${words}: ${role.name}`}
        >
          {words}
        </Button>
      ))}
    >
      <Modal opened={open === "edit"} onClose={close} title={`Role ${role.name}`}>
        {open === "edit" && <RoleForm organisationId={organisationId} held={role} onDone={close} />}
      </Modal>
      <Modal opened={open === "holders"} onClose={close} title={`Who has the role ${role.name}`}>
        {open === "holders" && <RoleHolders organisationId={organisationId} role={role} />}
      </Modal>
      <Modal opened={open === "places"} onClose={close} title={`What the role ${role.name} allows`} size="lg">
        {open === "places" && <RoleRights organisationId={organisationId} role={role} />}
      </Modal>
      <ConfirmDanger
        opened={open === "delete"}
        onClose={close}
        title={`Delete the role ${role.name}?`}
        confirmLabel="Delete role"
        destroys={["what it gives to everybody who has it"]}
        onConfirm={async () => {
          await api.delete(`${listPath(organisationId, "roles")}${role.id}/`);
          await client.invalidateQueries({ queryKey: listKey(organisationId, "roles") });
          notifyDone(`Deleted ${role.name}.`);
        }}
      />
    </ManagedLine>
  );
}

interface RoleFormProps {
  readonly organisationId: number;
  readonly held: Role | undefined;
  readonly onDone: () => void;
}

function RoleForm({ organisationId, held, onDone }: RoleFormProps) {
  const client = useQueryClient();
  const [seen] = useState(held);
  const [name, setName] = useState(held?.name ?? "");
  const [description, setDescription] = useState(held?.description ?? "");
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const path = listPath(organisationId, "roles");
      const body = { name: name.trim(), description: description.trim() || null };
      if (seen) await patchSeen(`${path}${seen.id}/`, seen, body);
      else await api.post(path, body);
      await client.invalidateQueries({ queryKey: listKey(organisationId, "roles") });
    },
    onSuccess: onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["name", "description"]} />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(error, "name")}
          required
          data-autofocus
        />
        <TextInput
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(error, "description")}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={isPending}>
            Save role
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
