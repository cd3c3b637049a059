import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { ApiError, fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { recordPath } from "../identity/identity-queries.ts";

export interface CreateIdentityProps {
  readonly environmentKey: string;
  readonly environmentName: string;
  readonly onClose: () => void;
  /** It is there now, new or not. */
  readonly onReady: (identifier: string) => void;
}

/** Before its user comes: to override something for them, say. */
export function CreateIdentity({ environmentKey, environmentName, onClose, onReady }: CreateIdentityProps) {
  const client = useQueryClient();
  const [text, setText] = useState("");
  const identifier = text.trim();
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      try {
        await api.put(recordPath(environmentKey, identifier), {}, { ifNew: true });
        notifyDone(`${identifier} exists in ${environmentName}.`);
      } catch (failure) {
        // Somebody of this name is there: that is as good.
        if (!(failure instanceof ApiError && failure.isConflict)) throw failure;
        notifyDone(`${identifier} was there already.`);
      }
    },
    onSuccess: async () => {
      onReady(identifier);
      await client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
    },
  });
  return (
    <Modal opened onClose={onClose} title="New identity">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (identifier !== "") mutate();
        }}
      >
        <Stack gap="md">
          <FormProblem error={error} fields={["identifier"]} />
          <Text>Identities come by themselves when your application asks. Make one by hand to prepare it.</Text>
          <TextInput
            label="Identifier"
            description={`What your application calls this user in ${environmentName}, exact to the letter.`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={fieldError(error, "identifier")}
            maxLength={2000}
            autoComplete="off"
            data-autofocus
          />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isPending} disabled={identifier === ""}>
              Create identity
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
