import { NativeSelect, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { EnvironmentDetail } from "../../api/types.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { ReadOnlyNote } from "../../components/read-only-note.tsx";
import { SettingSwitch } from "../../components/setting-switch.tsx";
import { useEnvironmentPatch } from "./use-environment-patch.ts";

const SWITCHES = [
  {
    field: "allow_client_traits",
    label: "Keep traits that browsers and phones send",
    description: "Off: traits sent with the public key count for that one answer, and are not stored.",
  },
  {
    field: "hide_sensitive_data",
    label: "Hide details from SDKs",
    description: "Ids, descriptions and dates of features are left out of answers.",
  },
  {
    field: "use_identity_composite_key_for_hashing",
    label: "Same bucket wherever it is computed",
    description: "Percentages are drawn from the environment's key and the identifier. Changing it moves people.",
  },
  {
    field: "use_identity_overrides_in_local_eval",
    label: "Overrides in local evaluation",
    description: "Servers that evaluate by themselves are told of identity overrides.",
  },
] as const;

/** What SDKs are told. */
export function EnvironmentSdk({ environment }: { environment: EnvironmentDetail }) {
  const save = useEnvironmentPatch(environment);
  const may = usePermissions(environment.api_key).may("ADMIN");
  const hide = useMutation({
    mutationFn: (hide_disabled_flags: boolean | null) => save({ hide_disabled_flags }),
    onSuccess: () => notifyDone("Saved."),
    onError: (error) => notifyError(error, "It was not saved"),
  });
  const held = environment.hide_disabled_flags;
  return (
    <Stack gap="lg" maw={640}>
      <ReadOnlyNote may={may} />
      {SWITCHES.map(({ field, label, description }) => (
        <SettingSwitch
          key={field}
          label={label}
          description={description}
          isOn={environment[field]}
          may={may}
          onChange={(isOn) => save({ [field]: isOn })}
        />
      ))}
      <NativeSelect
        label="Flags that are off"
        description="Whether SDKs hear of them at all."
        value={held === null ? "" : String(held)}
        onChange={(event) => {
          const { value } = event.currentTarget;
          hide.mutate(value === "" ? null : value === "true");
        }}
        data={[
          { value: "", label: "as the project says" },
          { value: "false", label: "SDKs are told of them" },
          { value: "true", label: "SDKs are not told of them" },
        ]}
        disabled={!may.isAllowed}
      />
    </Stack>
  );
}
