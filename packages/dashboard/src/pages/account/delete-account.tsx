import { PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import type { Me } from "../../api/types.ts";
import { DeletePanel } from "../../components/action-panel.tsx";

export function DeleteAccount({ me }: { me: Me }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  return (
    <DeletePanel
      noun="account"
      heading="Delete your account"
      text="What you made stays."
      may={{ isAllowed: true }}
      title={`Delete the account of ${me.email}?`}
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
    </DeletePanel>
  );
}
