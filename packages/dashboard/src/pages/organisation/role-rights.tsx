/** What a role allows, in each project and environment. */
import type { roleEnvironmentSchema, roleProjectSchema } from "@burgee/contract/admin";
import { Checkbox, NativeSelect, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api } from "../../api/client.ts";
import { messageOf } from "../../api/errors.ts";
import { catalogueOfPermissionsQuery, environmentsQuery, projectsQuery } from "../../api/queries.ts";
import type { Paged } from "../../api/types.ts";
import { listPath, type RoleProps } from "./organisation-queries.ts";

type Held = z.infer<typeof roleProjectSchema> | z.infer<typeof roleEnvironmentSchema>;

export function RoleRights({ organisationId, role }: RoleProps) {
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
