import { Button, Group, Paper, Stack, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Me } from "../../api/types.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { notifyDone } from "../../components/notify.tsx";

export function Person({ me }: { me: Me }) {
  const client = useQueryClient();
  const [first, setFirst] = useState(me.first_name);
  const [last, setLast] = useState(me.last_name);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.patch(apiPath`/auth/users/me/`, { first_name: first.trim(), last_name: last.trim() }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queryKeys.me });
      notifyDone("Saved your name.");
    },
  });
  return (
    <Paper p="md" component="section" aria-label="Name">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <Stack gap="md">
          <Title order={2}>Name</Title>
          <FormProblem error={error} fields={["first_name", "last_name"]} />
          <TextInput
            label="First name"
            value={first}
            onChange={(event) => setFirst(event.currentTarget.value)}
            error={fieldError(error, "first_name")}
            autoComplete="given-name"
          />
          <TextInput
            label="Last name"
            value={last}
            onChange={(event) => setLast(event.currentTarget.value)}
            error={fieldError(error, "last_name")}
            autoComplete="family-name"
          />
          <Group>
            <Button type="submit" loading={isPending}>
              Save name
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
