import { Alert, Button, Group, List, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { messageOf } from "../api/errors.ts";

export interface ConfirmDangerProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  /** A question that names the thing: "Delete the feature checkout_v2?". */
  readonly title: string;
  /** What goes with it, one item a line: "17 identity overrides in 2 environments". */
  readonly destroys: readonly ReactNode[];
  readonly children?: ReactNode;
  /** On the button, a verb and a noun: "Delete feature". */
  readonly confirmLabel: string;
  /** Must be typed before the button works; for what cannot be made again. */
  readonly typed?: string;
  /** The environment named where it is production. */
  readonly production?: string | undefined;
  /** Resolves when it is done; the dialog closes then. What it throws is shown and nothing is closed. */
  readonly onConfirm: () => Promise<unknown>;
}

/** Before anything is destroyed: names what will be gone, and fails in place. */
export function ConfirmDanger(props: ConfirmDangerProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title}>
      {props.opened && <Body {...props} />}
    </Modal>
  );
}

function Body({ onClose, destroys, children, confirmLabel, typed, production, onConfirm }: ConfirmDangerProps) {
  const [text, setText] = useState("");
  const { mutate, isPending, error } = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  const isReady = typed === undefined || text === typed;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) mutate();
      }}
    >
      <Stack gap="md">
        {production !== undefined && (
          <Alert color="red" variant="outline" title={`This is ${production}`}>
            Real users feel it at once.
          </Alert>
        )}
        {children !== undefined && <div style={{ overflowWrap: "anywhere" }}>{children}</div>}
        {destroys.length > 0 && (
          <div>
            <Text fw={600}>This destroys:</Text>
            <List mt={4}>
              {destroys.map((item, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed while the dialog is open
                <List.Item key={index} style={{ overflowWrap: "anywhere" }}>
                  {item}
                </List.Item>
              ))}
            </List>
          </div>
        )}
        {typed !== undefined && (
          <TextInput
            label={`Type ${typed} to go on`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {error !== null && (
          <Text role="alert" c="var(--mantine-color-error)">
            {messageOf(error)}
          </Text>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red.9" loading={isPending} disabled={!isReady}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
