/** On and off: the pennant shows, the switch changes. */
import { Group, Switch, Tooltip } from "@mantine/core";

export interface FlagPennantProps {
  readonly isOn: boolean;
  readonly size?: number;
}

/** Filled is on, hollow is off. */
export function FlagPennant({ isOn, size = 18 }: FlagPennantProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" role="img" aria-label={isOn ? "on" : "off"}>
      <path d="M4 2.5v19" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path
        d="M6.5 4.5h14l-3.6 4.5 3.6 4.5h-14z"
        fill={isOn ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export interface FlagSwitchProps {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly feature: string;
  /** Named in the label, so that nobody switches in the wrong place. */
  readonly environment: string;
  readonly disabled?: boolean;
  /** Why it is disabled. */
  readonly reason?: string | undefined;
  /** "On in Production" beside the switch; else it is only said to screen readers. */
  readonly withLabel?: boolean;
}

export function FlagSwitch({ isOn, onChange, feature, environment, disabled, reason, withLabel }: FlagSwitchProps) {
  const body = (
    // A switch that is disabled cannot be reached by keyboard: what is around it can, or nobody could hear the reason.
    <Group gap={8} wrap="nowrap" {...(reason !== undefined && { tabIndex: 0 })}>
      <FlagPennant isOn={isOn} />
      <Switch
        checked={isOn}
        onChange={(event) => onChange(event.currentTarget.checked)}
        disabled={disabled ?? false}
        {...(withLabel
          ? { label: `${isOn ? "On" : "Off"} in ${environment}` }
          : { "aria-label": `${feature} in ${environment}` })}
      />
    </Group>
  );
  return reason === undefined ? (
    body
  ) : (
    <Tooltip label={reason} multiline maw={260}>
      {body}
    </Tooltip>
  );
}
