import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifyError } from "../../components/notify.tsx";
import type { FlagWrite } from "./use-flag-write.ts";

/** Two people, one flag: the second decides. */
export function FlagConflictDialog({ write }: { write: FlagWrite }) {
  const { conflict, endConflict } = write;
  return (
    <Modal opened={conflict !== undefined} onClose={endConflict} title="Somebody else changed this flag">
      <Stack gap="md">
        <Text>It was saved while you were editing. Nothing of yours has been stored.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={endConflict}>
            Go on editing
          </Button>
          <Button
            variant="default"
            onClick={() => {
              if (conflict) write.showTheirs(conflict.now);
              conflict?.onTheirs?.();
              endConflict();
            }}
          >
            Show theirs
          </Button>
          <Button
            color="red.9"
            onClick={() => {
              if (conflict) {
                write
                  .overwrite(conflict.patch)
                  .then((saved) => conflict.onSaved?.(saved))
                  .catch((error: unknown) => notifyError(error));
              }
              endConflict();
            }}
          >
            Save mine over it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
