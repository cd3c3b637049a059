import { Button, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { notifyDone } from "../../components/notify.tsx";

const route = getRouteApi("/public/password-reset/confirm/$uid/$token");
const FIELDS = ["new_password", "re_new_password"] as const;

export function PasswordResetPage() {
  const { uid, token } = route.useParams();
  useDocumentTitle("New password · Burgee");
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      api.post(apiPath`/auth/users/reset_password_confirm/`, {
        uid,
        token,
        new_password: password,
        re_new_password: again,
      }),
    onSuccess: () => {
      notifyDone("The password is changed. Sign in with the new one.");
      return navigate({ to: "/login" });
    },
  });
  const isUsed = fieldError(error, "token") !== undefined || fieldError(error, "uid") !== undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <Title order={1}>A new password</Title>
        <Text c="dimmed">Every other session of yours ends with the old one.</Text>
        <FormProblem
          error={isUsed ? new Error("This link is used up or too old. Ask for another one.") : error}
          fields={FIELDS}
        />
        <PasswordInput
          label="New password"
          description="Ten characters or more; a few words are good."
          autoComplete="new-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={fieldError(error, "new_password")}
        />
        <PasswordInput
          label="Once more"
          autoComplete="new-password"
          required
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={again !== "" && !password.startsWith(again) && password !== again ? "The two differ." : undefined}
        />
        <Button type="submit" loading={isPending}>
          Set the password
        </Button>
      </Stack>
    </form>
  );
}
