/** Who has a role: people, groups, keys. */
import { MultiSelect, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { messageOf } from "../../api/errors.ts";
import type { Paged } from "../../api/types.ts";
import {
  listPath,
  listQuery,
  type Member,
  type OrganisationKey,
  type RoleProps,
  type TeamGroup,
} from "./organisation-queries.ts";

const HOLDERS = [
  { noun: "users", field: "user", label: "People" },
  { noun: "groups", field: "group", label: "Groups" },
  { noun: "master-api-keys", field: "master_api_key", label: "Keys" },
] as const;

type Holding = { readonly id: number } & Readonly<
  Record<"user" | "group" | "master_api_key", number | string | undefined>
>;

export function RoleHolders({ organisationId, role }: RoleProps) {
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
