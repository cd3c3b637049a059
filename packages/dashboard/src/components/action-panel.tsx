/** One act at the end of a settings page, with what it means beside its button. */
import { Group, Paper, Text, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { May } from "../api/use-permissions.ts";
import { ConfirmDanger, type ConfirmDangerProps } from "./confirm-danger.tsx";
import { GatedButton } from "./gated-button.tsx";

export interface ActionPanelProps {
  readonly title: string;
  readonly text: string;
  readonly button: ReactNode;
  /** Its dialogs. */
  readonly children?: ReactNode;
}

export function ActionPanel({ title, text, button, children }: ActionPanelProps) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 18rem" }}>
          <Title order={2}>{title}</Title>
          <Text c="dimmed">{text}</Text>
        </div>
        {button}
      </Group>
      {children}
    </Paper>
  );
}

export interface DeletePanelProps extends Omit<ConfirmDangerProps, "opened" | "onClose" | "confirmLabel"> {
  /** "environment": on the button. */
  readonly noun: string;
  readonly heading?: string;
  readonly text: string;
  readonly may: May;
}

export function DeletePanel({ noun, heading = "Delete", text, may, ...danger }: DeletePanelProps) {
  const [isAsked, setIsAsked] = useState(false);
  const words = `Delete ${noun}`;
  return (
    <ActionPanel
      title={heading}
      text={text}
      button={
        <GatedButton may={may} variant="default" c="var(--mantine-color-error)" onClick={() => setIsAsked(true)}>
          {words}
        </GatedButton>
      }
    >
      <ConfirmDanger {...danger} opened={isAsked} onClose={() => setIsAsked(false)} confirmLabel={words} />
    </ActionPanel>
  );
}
