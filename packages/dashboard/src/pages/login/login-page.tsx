import { Alert, Anchor, Button, Divider, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconFingerprint } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { setupQuery } from "../../api/queries.ts";
import { hasPasskeys, signIn, signInElsewhere, signInWithPasskey } from "../../api/session.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { nextPage } from "./next-page.ts";

const route = getRouteApi("/public/login");
const meta = { isSigningIn: true };

export function LoginPage() {
  const { next, refused } = route.useSearch();
  useDocumentTitle("Sign in · Burgee");
  const { data: setup } = useQuery(setupQuery);
  const client = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [isForgotten, setForgotten] = useState(false);
  const enter = () => {
    client.clear();
    router.history.push(nextPage(next));
  };
  const byPassword = useMutation({
    meta,
    mutationFn: () => signIn(email, password),
    onSuccess: (outcome) =>
      outcome === "two-factor" ? navigate({ to: "/login/two-factor", search: { next } }) : enter(),
  });
  const byPasskey = useMutation({ meta, mutationFn: signInWithPasskey, onSuccess: (isIn) => isIn && enter() });
  const elsewhere = useMutation({ meta, mutationFn: (provider: string) => signInElsewhere(provider, nextPage(next)) });
  return (
    <Stack gap="md">
      <Title order={1}>Sign in</Title>
      {setup?.setup_required && (
        <Alert title="Nobody has an account here yet">
          The server prints a set-up link when it starts. Open it to make the first account.
        </Alert>
      )}
      {refused && (
        <Alert color="red" variant="outline" role="alert">
          The identity provider did not let you in.
        </Alert>
      )}
      <FormProblem error={byPassword.error ?? byPasskey.error ?? elsewhere.error} fields={[]} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          byPassword.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput
            label="E-mail address"
            type="email"
            autoComplete="username webauthn"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={byPassword.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
      <Divider label="or" />
      {setup?.oidc && (
        <Button
          variant="default"
          loading={elsewhere.isPending}
          onClick={() => elsewhere.mutate(setup.oidc?.provider ?? "")}
        >
          {setup.oidc.name}
        </Button>
      )}
      {hasPasskeys() && (
        <Button
          variant="default"
          leftSection={<IconFingerprint size={18} aria-hidden />}
          loading={byPasskey.isPending}
          onClick={() => byPasskey.mutate()}
        >
          Sign in with a passkey
        </Button>
      )}
      <div>
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => setForgotten(!isForgotten)}
          aria-expanded={isForgotten}
        >
          Forgot the password?
        </Anchor>
        {isForgotten && (
          <Text size="sm" c="dimmed" mt={4}>
            Ask whoever runs this server for a link:{" "}
            <code>burgee reset-password --email {email || "you@example.com"}</code> prints one.
          </Text>
        )}
      </div>
    </Stack>
  );
}
