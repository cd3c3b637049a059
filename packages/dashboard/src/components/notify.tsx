/** What has happened, in a corner, with a way back where there is one. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { messageOf } from "../api/errors.ts";

const CLOSE = { "aria-label": "Close" };
const UNDO_MS = 10_000;

export interface NotifyOptions {
  /** Takes it back; offered for ten seconds. What it throws is said. */
  readonly undo?: () => Promise<unknown>;
}

/** "checkout_v2 is on in Production". */
export function notifyDone(message: string, { undo }: NotifyOptions = {}): void {
  const id = crypto.randomUUID();
  const back = async () => {
    notifications.hide(id);
    try {
      await undo?.();
      notifications.show({ message: "Undone.", closeButtonProps: CLOSE });
    } catch (error) {
      notifyError(error, "It could not be undone");
    }
  };
  notifications.show({
    id,
    closeButtonProps: CLOSE,
    autoClose: undo ? UNDO_MS : 4000,
    message: undo ? (
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <span>{message}</span>
        <Button size="compact-sm" variant="default" onClick={() => void back()} style={{ flex: "none" }}>
          Undo
        </Button>
      </Group>
    ) : (
      message
    ),
  });
}

/** Stays until it is closed: nobody should miss that something failed. */
export function notifyError(error: unknown, title = "That did not work"): void {
  notifications.show({ title, message: messageOf(error), color: "red", autoClose: false, closeButtonProps: CLOSE });
}
