import { Button, Group, Paper, PasswordInput, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import type { Me } from "../../api/types.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";

export function DeleteAccount({ me }: { me: Me }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isOpen, setIsOpen] = useState(false);
  const [password, setPassword] = useState("");
  return (
    <Paper p="md" component="section" aria-label="Delete your account">
      <Group justify="space-between">
        <div>
          <Title order={2}>Delete your account</Title>
          <Text c="dimmed">What you made stays.</Text>
        </div>
        <Button variant="default" c="var(--mantine-color-error)" onClick={() => setIsOpen(true)}>
          Delete account
        </Button>
      </Group>
      <ConfirmDanger
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        title={`Delete the account of ${me.email}?`}
        confirmLabel="Delete account"
        destroys={[
          "your sign-in, second factor and passkeys",
          `your membership of ${me.organisations.map(({ organisation }) => organisation.name).join(", ") || "nothing"}`,
        ]}
        onConfirm={async () => {
          await api.delete(apiPath`/auth/users/me/`, { body: { current_password: password } });
          client.clear();
          await navigate({ to: "/login" });
        }}
      >
        <PasswordInput
          label="Your password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
        />
      </ConfirmDanger>
    </Paper>
  );
}
