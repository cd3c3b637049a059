/** Roles: permissions under a name, given to people, groups and keys. */
import type { roleEnvironmentSchema, roleProjectSchema } from "@burgee/contract/admin";
import {
  Button,
  Checkbox,
  Group,
  Modal,
  MultiSelect,
  NativeSelect,
  Paper,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api } from "../../api/client.ts";
import { fieldError, messageOf } from "../../api/errors.ts";
import { catalogueOfPermissionsQuery, environmentsQuery, projectsQuery } from "../../api/queries.ts";
import type { Paged } from "../../api/types.ts";
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
  type OrganisationKey,
  type OrganisationProps,
  type Role,
  type TeamGroup,
} from "./organisation-queries.ts";

export function Roles({ organisationId, may }: OrganisationProps) {
  const [isMaking, setIsMaking] = useState(false);
  const { data, error, refetch } = useQuery({ ...listQuery<Role>(organisationId, "roles"), enabled: may.isAllowed });
  if (!may.isAllowed) return <EmptyState title="Not yours to see">{may.reason}</EmptyState>;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed">A role is a set of permissions with a name, such as “support”.</Text>
        <GatedButton may={may} onClick={() => setIsMaking(true)}>
          New role
        </GatedButton>
      </Group>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={2} />
      ) : data.length === 0 ? (
        <EmptyState title="No roles yet">
          Make one for each kind of work, and give it to people, groups or keys.
        </EmptyState>
      ) : (
        data.map((role) => <RoleLine key={role.id} role={role} organisationId={organisationId} may={may} />)
      )}
      <Modal opened={isMaking} onClose={() => setIsMaking(false)} title="New role">
        {isMaking && <RoleForm organisationId={organisationId} held={undefined} onDone={() => setIsMaking(false)} />}
      </Modal>
    </Stack>
  );
}

function RoleLine({ role, organisationId }: OrganisationProps & { role: Role }) {
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
    <Paper px="md" py="sm">
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <Text fw={600}>{role.name}</Text>
          <Text size="sm" c="dimmed">
            {role.description || "No description."}
          </Text>
        </div>
        <Group gap="xs">
          {buttons.map(([what, words]) => (
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
        </Group>
      </Group>
      <Modal opened={open === "edit"} onClose={close} title={`Role ${role.name}`}>
        {open === "edit" && <RoleForm organisationId={organisationId} held={role} onDone={close} />}
      </Modal>
      <Modal opened={open === "holders"} onClose={close} title={`Who has the role ${role.name}`}>
        {open === "holders" && <Holders organisationId={organisationId} role={role} />}
      </Modal>
      <Modal opened={open === "places"} onClose={close} title={`What the role ${role.name} allows`} size="lg">
        {open === "places" && <Allowed organisationId={organisationId} role={role} />}
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
    </Paper>
  );
}

interface RoleProps {
  readonly organisationId: number;
  readonly role: Role;
}

interface RoleFormProps {
  readonly organisationId: number;
  readonly held: Role | undefined;
  readonly onDone: () => void;
}

function RoleForm({ organisationId, held, onDone }: RoleFormProps) {
  const client = useQueryClient();
  const [name, setName] = useState(held?.name ?? "");
  const [description, setDescription] = useState(held?.description ?? "");
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const path = listPath(organisationId, "roles");
      const body = { name: name.trim(), description: description.trim() || null };
      if (held) await api.patch(`${path}${held.id}/`, body);
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

const HOLDERS = [
  { noun: "users", field: "user", label: "People" },
  { noun: "groups", field: "group", label: "Groups" },
  { noun: "master-api-keys", field: "master_api_key", label: "Keys" },
] as const;

type Holding = { readonly id: number } & Readonly<
  Record<"user" | "group" | "master_api_key", number | string | undefined>
>;

function Holders({ organisationId, role }: RoleProps) {
  const { data: members = [] } = useQuery(listQuery<Member>(organisationId, "users"));
  const { data: groups = [] } = useQuery(listQuery<TeamGroup>(organisationId, "groups"));
  const { data: keys = [] } = useQuery(listQuery<OrganisationKey>(organisationId, "master-api-keys"));
  const choices = {
    users: members.map(({ id, email }) => ({ value: String(id), label: email })),
    groups: groups.map(({ id, name }) => ({ value: String(id), label: name })),
    "master-api-keys": keys
      .filter(({ is_admin }) => !is_admin)
      .map(({ prefix, name }) => ({ value: prefix, label: name })),
  };
  return (
    <Stack gap="md">
      {HOLDERS.map(({ noun, field, label }) => (
        <HolderField
          key={noun}
          path={`${listPath(organisationId, "roles")}${role.id}/${noun}/`}
          field={field}
          label={label}
          data={choices[noun]}
        />
      ))}
    </Stack>
  );
}

interface HolderFieldProps {
  readonly path: string;
  readonly field: "user" | "group" | "master_api_key";
  readonly label: string;
  readonly data: { value: string; label: string }[];
}

function HolderField({ path, field, label, data }: HolderFieldProps) {
  const client = useQueryClient();
  const { data: held = [] } = useQuery({
    queryKey: ["role-holders", path],
    queryFn: async ({ signal }) => (await api.get<Paged<Holding>>(path, { signal, query: { page_size: 999 } })).results,
  });
  const value = held.map((holding) => String(holding[field]));
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (wanted: readonly string[]) => {
      for (const one of wanted.filter((each) => !value.includes(each))) {
        await api.post(path, { [field]: field === "master_api_key" ? one : Number(one) });
      }
      for (const holding of held.filter((each) => !wanted.includes(String(each[field])))) {
        await api.delete(`${path}${holding.id}/`);
      }
      await client.invalidateQueries({ queryKey: ["role-holders", path] });
    },
  });
  return (
    <MultiSelect
      label={label}
      data={data}
      value={value}
      onChange={(wanted) => mutate(wanted)}
      disabled={isPending}
      error={error === null ? undefined : messageOf(error)}
      searchable
    />
  );
}

type Held = z.infer<typeof roleProjectSchema> | z.infer<typeof roleEnvironmentSchema>;

function Allowed({ organisationId, role }: RoleProps) {
  const { data: projects = [] } = useQuery(projectsQuery);
  const own = projects.filter(({ organisation }) => organisation === organisationId);
  const [chosen, setChosen] = useState("");
  const project = own.find(({ id }) => String(id) === chosen) ?? own[0];
  const { data: environments = [] } = useQuery({
    ...environmentsQuery(project?.id ?? 0),
    enabled: project !== undefined,
  });
  if (!project) return <Text>There is no project yet.</Text>;
  const path = `${listPath(organisationId, "roles")}${role.id}/`;
  return (
    <Stack gap="lg">
      <NativeSelect
        label="In the project"
        value={String(project.id)}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={own.map(({ id, name }) => ({ value: String(id), label: name }))}
      />
      <PlaceRights path={`${path}projects-permissions/`} scope="project" id={project.id} name={project.name} />
      {environments.map(({ id, name }) => (
        <PlaceRights key={id} path={`${path}environments-permissions/`} scope="environment" id={id} name={name} />
      ))}
    </Stack>
  );
}

interface PlaceRightsProps {
  readonly path: string;
  readonly scope: "project" | "environment";
  readonly id: number;
  readonly name: string;
}

function PlaceRights({ path, scope, id, name }: PlaceRightsProps) {
  const client = useQueryClient();
  const { data: catalogue = [] } = useQuery(catalogueOfPermissionsQuery(scope));
  const places = ["role-places", path, id];
  const { data: held, error: unread } = useQuery({
    queryKey: places,
    queryFn: async ({ signal }) =>
      (await api.get<Paged<Held>>(path, { signal, query: { [scope]: id } })).results[0] ?? null,
  });
  const keys = held?.permissions.map(({ permission_key }) => permission_key) ?? [];
  const {
    mutate,
    isPending,
    variables,
    error: unwritten,
  } = useMutation({
    mutationFn: async ({ admin, permissions }: { admin: boolean; permissions: readonly string[] }) => {
      const body = { [scope]: id, admin, permissions: permissions.map((permission_key) => ({ permission_key })) };
      if (held) await api.put(`${path}${held.id}/`, body);
      else await api.post(path, body);
      await client.invalidateQueries({ queryKey: places });
    },
  });
  const error = unwritten ?? unread;
  // What is wanted shows at once, and goes back where it is refused.
  const shown = isPending ? variables : { admin: held?.admin ?? false, permissions: keys };
  return (
    <fieldset style={{ border: "1px solid var(--line)", borderRadius: 8 }} disabled={isPending || held === undefined}>
      <legend>
        {scope} <strong>{name}</strong>
      </legend>
      <Stack gap="xs">
        {error !== null && <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>}
        <Checkbox
          label="Everything here (administrator)"
          checked={shown.admin}
          onChange={(event) => mutate({ admin: event.currentTarget.checked, permissions: keys })}
        />
        {catalogue.map(({ key, description }) => (
          <Checkbox
            key={key}
            label={description}
            checked={shown.permissions.includes(key)}
            disabled={shown.admin}
            onChange={(event) =>
              mutate({
                admin: held?.admin ?? false,
                permissions: event.currentTarget.checked ? [...keys, key] : keys.filter((each) => each !== key),
              })
            }
          />
        ))}
      </Stack>
    </fieldset>
  );
}
