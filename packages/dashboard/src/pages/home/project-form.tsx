import { Button, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { createOrganisation, startProject } from "../../api/start-project.ts";
import { FormProblem } from "../../components/form-problem.tsx";

const NEW = "new";

export interface ProjectFormProps {
  readonly organisations: readonly { readonly id: number; readonly name: string }[];
}

/** A project, and an organisation where there is none yet; then on to connecting an application. */
export function ProjectForm({ organisations }: ProjectFormProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [organisation, setOrganisation] = useState(() => String(organisations[0]?.id ?? NEW));
  const [organisationName, setOrganisationName] = useState("");
  const [name, setName] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      let id = Number(organisation);
      if (organisation === NEW) {
        ({ id } = await createOrganisation(organisationName));
        // Should the project fail, a second try must not make a second organisation.
        await client.invalidateQueries({ queryKey: queryKeys.me });
        setOrganisation(String(id));
      }
      return startProject(id, name);
    },
    onSuccess: async ({ project, environmentKey }) => {
      const params = { projectId: project.id, environmentKey };
      await navigate({ to: "/projects/$projectId/environments/$environmentKey/connect", params });
      // Not before: the start page, seeing a project, would go to its features.
      await client.invalidateQueries({ queryKey: queryKeys.projects });
    },
  });
  const choices = [...organisations.map(({ id, name: label }) => ({ value: String(id), label }))];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md" maw={460}>
        <FormProblem error={error} fields={["name"]} />
        {choices.length > 0 && (
          <NativeSelect
            label="Organisation"
            value={organisation}
            onChange={(event) => setOrganisation(event.currentTarget.value)}
            data={[...choices, { value: NEW, label: "A new organisation" }]}
          />
        )}
        {organisation === NEW && (
          <TextInput
            label="Organisation’s name"
            description="Your company or team."
            required
            value={organisationName}
            onChange={(event) => setOrganisationName(event.currentTarget.value)}
          />
        )}
        <TextInput
          label="Project’s name"
          description="One product. It gets two environments, Development and Production; more can follow."
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(error, "name")}
        />
        <Button type="submit" loading={isPending}>
          Create project
        </Button>
      </Stack>
    </form>
  );
}
