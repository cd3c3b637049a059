import { Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { api, apiPath } from "../../api/client.ts";
import { patchSeen } from "../../api/patch-seen.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Organisation } from "../../api/types.ts";
import type { May } from "../../api/use-permissions.ts";
import { NameForm } from "../../components/name-form.tsx";
import { ReadOnlyNote } from "../../components/read-only-note.tsx";
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
  const path = apiPath`/organisations/${organisation.id}/`;
  const save = async (body: Readonly<Record<string, unknown>>, seen?: Organisation) => {
    const saved = await (seen ? patchSeen(path, seen, body) : api.patch<Organisation>(path, body));
    await Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.organisation(organisation.id) }),
      client.invalidateQueries({ queryKey: queryKeys.me }),
    ]);
    return saved;
  };
  return (
    <Stack gap="xl" maw={640}>
      <ReadOnlyNote may={may} />
      <NameForm thing={organisation} may={may} save={save} />
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
