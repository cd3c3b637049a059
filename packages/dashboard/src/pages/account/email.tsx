import { Button, Group, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Me } from "../../api/types.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { notifyDone } from "../../components/notify.tsx";

/** The address that one signs in with. */
export function Email({ me }: { me: Me }) {
  const client = useQueryClient();
  const [email, setEmail] = useState(me.email);
  const [password, setPassword] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      api.post(apiPath`/auth/users/set_email/`, { new_email: email.trim(), current_password: password }),
    onSuccess: async () => {
      setPassword("");
      await client.invalidateQueries({ queryKey: queryKeys.me });
      notifyDone(`You sign in as ${email.trim()} from now on.`);
    },
  });
  const isChanged = email.trim() !== me.email;
  return (
    <Paper p="md" component="section" aria-label="E-mail address">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <Stack gap="md">
          <Title order={2}>E-mail address</Title>
          <FormProblem error={error} fields={["new_email", "current_password"]} />
          <TextInput
            type="email"
            label="E-mail address"
            description="You sign in with it."
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={fieldError(error, "new_email")}
            autoComplete="email"
            required
          />
          {isChanged && (
            <PasswordInput
              label="Your password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={fieldError(error, "current_password")}
              autoComplete="current-password"
              required
            />
          )}
          <Group>
            <Button type="submit" loading={isPending} disabled={!isChanged}>
              Change address
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
