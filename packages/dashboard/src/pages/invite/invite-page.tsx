import { Anchor, Button, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { ApiError, fieldError } from "../../api/errors.ts";
import { meQuery } from "../../api/queries.ts";
import { signIn, signUp } from "../../api/session.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyDone } from "../../components/notify.tsx";

const route = getRouteApi("/public/invite/$hash");
const FIELDS = ["first_name", "last_name", "email", "password"] as const;

/** The address does not tell an invitation from a link that anybody may follow. */
async function join(hash: string): Promise<{ readonly name: string }> {
  try {
    return await api.post(apiPath`/users/join/${hash}/`);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return api.post(apiPath`/users/join/link/${hash}/`);
  }
}

export function InvitePage() {
  const { hash } = route.useParams();
  useDocumentTitle("Invitation · Burgee");
  const me = useQuery({ ...meQuery, retry: false });
  if (me.isPending) return <LoadingRows rows={3} />;
  return (
    <Stack gap="md">
      <Title order={1}>You are invited</Title>
      {me.data ? <JoinAs email={me.data.email} hash={hash} /> : <SignUp hash={hash} />}
    </Stack>
  );
}

function useJoined() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async ({ name }: { readonly name: string }) => {
    client.clear();
    notifyDone(`You are now a member of ${name}.`);
    await navigate({ to: "/" });
  };
}

function JoinAs({ email, hash }: { readonly email: string; readonly hash: string }) {
  const { mutate, isPending, error } = useMutation({ mutationFn: () => join(hash), onSuccess: useJoined() });
  return (
    <>
      <Text>You are signed in as {email}.</Text>
      <FormProblem error={error} fields={[]} />
      <Button loading={isPending} onClick={() => mutate()}>
        Join
      </Button>
    </>
  );
}

function SignUp({ hash }: { readonly hash: string }) {
  const [values, setValues] = useState({ first_name: "", last_name: "", email: "", password: "" });
  const [hasAccount, setHasAccount] = useState(false);
  const { mutate, isPending, error } = useMutation({
    meta: { isSigningIn: true },
    mutationFn: async () => {
      if (!hasAccount) {
        await signUp(values, hash);
        // Whatever fails from here on, the account is there.
        setHasAccount(true);
      }
      await signIn(values.email, values.password);
      return join(hash);
    },
    onSuccess: useJoined(),
  });
  const field = (name: (typeof FIELDS)[number], label: string) => ({
    label,
    required: true,
    value: values[name],
    error: fieldError(error, name),
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => {
      const { value } = event.currentTarget;
      setValues((old) => ({ ...old, [name]: value }));
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={FIELDS} />
        <Group grow align="flex-start">
          <TextInput {...field("first_name", "First name")} autoComplete="given-name" disabled={hasAccount} />
          <TextInput {...field("last_name", "Last name")} autoComplete="family-name" disabled={hasAccount} />
        </Group>
        <TextInput {...field("email", "E-mail address")} type="email" autoComplete="username" />
        <PasswordInput {...field("password", "Password")} autoComplete="new-password" />
        <Button type="submit" loading={isPending}>
          Make an account and join
        </Button>
        <Anchor component={Link} to="/login" search={{ next: `/invite/${hash}` } as never} size="sm">
          I have an account already
        </Anchor>
      </Stack>
    </form>
  );
}
