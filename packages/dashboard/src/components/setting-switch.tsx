/** One switch of a settings page: what it does in one line, saved at once, taken back where it fails. */
import { Switch } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { May } from "../api/use-permissions.ts";
import { notifyDone, notifyError } from "./notify.tsx";

export interface SettingSwitchProps {
  readonly label: string;
  /** What it means, in one line. */
  readonly description: string;
  readonly isOn: boolean;
  readonly may: May;
  /** Resolves when it is stored. */
  readonly onChange: (isOn: boolean) => Promise<unknown>;
}

export function SettingSwitch({ label, description, isOn, may, onChange }: SettingSwitchProps) {
  const { mutate, isPending, variables } = useMutation({
    mutationFn: onChange,
    onSuccess: (_nothing, now) => notifyDone(`${label}: ${now ? "on" : "off"}.`, { undo: () => onChange(!now) }),
    onError: (error) => notifyError(error, "It was not saved"),
  });
  return (
    <Switch
      label={label}
      description={description}
      checked={isPending ? variables : isOn}
      onChange={(event) => mutate(event.currentTarget.checked)}
      disabled={!may.isAllowed}
    />
  );
}
