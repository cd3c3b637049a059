import { Button, Group, Paper, PasswordInput, Stack, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { notifyDone } from "../../components/notify.tsx";

export function Password() {
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post(apiPath`/auth/users/set_password/`, { current_password: current, new_password: wanted }),
    onSuccess: () => {
      setCurrent("");
      setWanted("");
      notifyDone("Your password is changed.");
    },
  });
  return (
    <Paper p="md" component="section" aria-label="Password">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <Stack gap="md">
          <Title order={2}>Password</Title>
          <FormProblem error={error} fields={["current_password", "new_password"]} />
          <PasswordInput
            label="Current password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            error={fieldError(error, "current_password")}
            autoComplete="current-password"
            required
          />
          <PasswordInput
            label="New password"
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
            error={fieldError(error, "new_password")}
            autoComplete="new-password"
            required
          />
          <Group>
            <Button type="submit" loading={isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
