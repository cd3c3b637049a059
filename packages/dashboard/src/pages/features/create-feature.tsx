import { Button, Checkbox, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { notifyDone } from "../../components/notify.tsx";
import type { Feature } from "./feature-queries.ts";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey");

export interface CreateFeatureProps {
  readonly projectId: number;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function CreateFeature({ opened, onClose, projectId }: CreateFeatureProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="New feature" size="lg">
      {opened && <Form projectId={projectId} onClose={onClose} />}
    </Modal>
  );
}

function Form({ projectId, onClose }: Omit<CreateFeatureProps, "opened">) {
  const { environmentKey } = route.useParams();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [value, setValue] = useState("");
  const [isOn, setIsOn] = useState(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      api.post<Feature>(apiPath`/projects/${projectId}/features/`, {
        name: name.trim(),
        description: description.trim() || null,
        initial_value: value === "" ? null : value,
        default_enabled: isOn,
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
      notifyDone(`${made.name} exists in every environment.`);
      onClose();
      await navigate({
        to: "/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}",
        params: { projectId, environmentKey, featureId: made.id, tab: undefined },
      });
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
        <FormProblem error={error} fields={["name", "description", "initial_value"]} />
        <TextInput
          label="Name"
          description="What your application asks for, such as new_checkout. It cannot be changed later."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(error, "name")}
          required
          data-autofocus
        />
        <Textarea
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(error, "description")}
          autosize
        />
        <Textarea
          label="Value"
          description="Text, a number or JSON that goes along; leave it empty for a plain switch."
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          error={fieldError(error, "initial_value")}
          autosize
          minRows={2}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
        <Checkbox
          label="On from the start, in every environment"
          checked={isOn}
          onChange={(event) => setIsOn(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending}>
            Create feature
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
