import { Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Organisation } from "../../api/types.ts";
import type { May } from "../../api/use-permissions.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { SettingSwitch } from "../../components/setting-switch.tsx";

const SWITCHES = [
  {
    field: "persist_trait_data",
    label: "Keep traits",
    description: "Off: traits count for the one answer that they came with, and nothing is stored.",
  },
  {
    field: "force_2fa",
    label: "Two-factor for everybody",
    description: "Members without a second factor get no further until they set one up.",
  },
  {
    field: "restrict_project_create_to_admin",
    label: "Only administrators make projects",
    description: "Members need the permission otherwise.",
  },
  {
    field: "stop_serving_flags",
    label: "Stop serving flags",
    description: "Every SDK of every environment is refused. For emergencies.",
  },
] as const;

export function General({ organisation, may }: { organisation: Organisation; may: May }) {
  const client = useQueryClient();
  const [name, setName] = useState(organisation.name);
  const save = async (body: object) => {
    await api.patch(apiPath`/organisations/${organisation.id}/`, body);
    await Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.organisation(organisation.id) }),
      client.invalidateQueries({ queryKey: queryKeys.me }),
    ]);
  };
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => save({ name: name.trim() }),
    onSuccess: () => notifyDone(`Saved ${name}.`),
  });
  return (
    <Stack gap="xl" maw={640}>
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
            readOnly={!may.isAllowed}
          />
          <Group>
            <GatedButton may={may} type="submit" loading={isPending}>
              Save
            </GatedButton>
          </Group>
        </Stack>
      </form>
      {SWITCHES.map(({ field, label, description }) => (
        <SettingSwitch
          key={field}
          label={label}
          description={description}
          isOn={organisation[field]}
          may={may}
          onChange={(isOn) => save({ [field]: isOn })}
        />
      ))}
    </Stack>
  );
}
