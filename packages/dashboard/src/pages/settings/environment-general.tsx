import { Button, ColorInput, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { EnvironmentDetail } from "../../api/types.ts";
import { usePermissions, useProjectPermissions } from "../../api/use-permissions.ts";
import { ActionPanel, DeletePanel } from "../../components/action-panel.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { ReadOnlyNote } from "../../components/read-only-note.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import { useEnvironmentPatch } from "./use-environment-patch.ts";

interface Props {
  readonly environment: EnvironmentDetail;
  readonly projectId: number;
}

export function EnvironmentGeneral(props: Props) {
  return (
    <Stack gap="xl" maw={640}>
      <Names {...props} />
      <Copy {...props} />
      <Ending {...props} />
    </Stack>
  );
}

function Names({ environment }: Props) {
  const save = useEnvironmentPatch(environment);
  const may = usePermissions(environment.api_key).may("ADMIN");
  const [seen, setSeen] = useState(environment);
  const [name, setName] = useState(environment.name);
  const [description, setDescription] = useState(environment.description ?? "");
  const [banner, setBanner] = useState(environment.banner_text ?? "");
  const [colour, setColour] = useState(environment.banner_colour ?? "");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      save(
        {
          name: name.trim(),
          description: description.trim() || null,
          banner_text: banner.trim() || null,
          banner_colour: colour || null,
        },
        seen,
      ),
    onSuccess: (saved) => {
      setSeen(saved);
      notifyDone(`Saved ${saved.name}.`);
    },
  });
  const isReadOnly = !may.isAllowed;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <ReadOnlyNote may={may} />
        <FormProblem error={error} fields={["name", "description", "banner_text", "banner_colour"]} />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(error, "name")}
          required
          readOnly={isReadOnly}
        />
        <Textarea
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(error, "description")}
          autosize
          readOnly={isReadOnly}
        />
        <TextInput
          label="Banner"
          description="Shown over every page of this environment, such as “Real customers: change with care”."
          value={banner}
          onChange={(event) => setBanner(event.currentTarget.value)}
          error={fieldError(error, "banner_text")}
          readOnly={isReadOnly}
        />
        <ColorInput
          label="Colour"
          description="Of its dot and its banner. Empty: chosen by its name."
          value={colour}
          onChange={setColour}
          error={fieldError(error, "banner_colour")}
          format="hex"
          eyeDropperButtonProps={{ "aria-label": "Pick a colour from the screen" }}
          readOnly={isReadOnly}
        />
        <Group>
          <GatedButton may={may} type="submit" loading={isPending}>
            Save
          </GatedButton>
        </Group>
      </Stack>
    </form>
  );
}

function Copy({ environment, projectId }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useProjectPermissions(projectId).may("CREATE_ENVIRONMENT");
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState(`${environment.name} copy`);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      api.post<{ api_key: string }>(apiPath`/environments/${environment.api_key}/clone/`, { name: name.trim() }),
    onSuccess: async ({ api_key }) => {
      await client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
      notifyDone(`${name} is a copy of ${environment.name}.`);
      setIsOpen(false);
      await navigate({
        to: "/projects/$projectId/environments/$environmentKey/features",
        params: { projectId, environmentKey: api_key },
      });
    },
  });
  return (
    <ActionPanel
      title="Copy"
      text="A new environment with the same states and segment overrides, and without identities."
      button={
        <GatedButton may={may} variant="default" onClick={() => setIsOpen(true)}>
          Copy environment
        </GatedButton>
      }
    >
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title={`Copy ${environment.name}`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            mutate();
          }}
        >
          <Stack gap="md">
            <FormProblem error={error} fields={["name"]} />
            <TextInput
              label="Name of the copy"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={fieldError(error, "name")}
              required
              data-autofocus
            />
            <Group justify="flex-end">
              <Button type="submit" loading={isPending}>
                Copy
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </ActionPanel>
  );
}

function Ending({ environment, projectId }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = usePermissions(environment.api_key).may("ADMIN");
  return (
    <DeletePanel
      noun="environment"
      text="Applications with its keys get nothing from then on."
      may={may}
      title={`Delete the environment ${environment.name}?`}
      typed={environment.name}
      production={environmentLook(environment).isProduction ? environment.name : undefined}
      destroys={[
        "every identity in it, with traits and overrides",
        "the state and value of every feature in it",
        "its keys and webhooks",
      ]}
      onConfirm={async () => {
        await api.delete(apiPath`/environments/${environment.api_key}/`);
        client.removeQueries({ queryKey: queryKeys.environment(environment.api_key) });
        await client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
        notifyDone(`Deleted ${environment.name}.`);
        await navigate({ to: "/projects/$projectId", params: { projectId } });
      }}
    />
  );
}
