import { Button, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { ApiError, fieldError } from "../../api/errors.ts";
import { signIn } from "../../api/session.ts";
import { startProject } from "../../api/start-project.ts";
import type { SetupDone } from "../../api/types.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { LoadingRows } from "../../components/loading.tsx";

const route = getRouteApi("/public/setup/$token");
const ACCOUNT_FIELDS = ["first_name", "last_name", "email", "password"] as const;
const FIELDS = [...ACCOUNT_FIELDS, "organisation_name", "project"] as const;
type Values = Readonly<Record<(typeof FIELDS)[number], string>>;

const EMPTY: Values = { first_name: "", last_name: "", email: "", password: "", organisation_name: "", project: "" };

/** The link that the server printed: account, organisation, project; then "connect your app". */
export function SetupPage() {
  const { token } = route.useParams();
  useDocumentTitle("Set up · Burgee");
  const path = apiPath`/setup/${token}/`;
  const link = useQuery({
    queryKey: ["setup-link", token],
    queryFn: ({ signal }) => api.get(path, { signal }),
    gcTime: 0,
  });
  if (link.isPending) return <LoadingRows rows={4} label="Looking at the link" />;
  if (link.error) return <UsedLink error={link.error} onRetry={() => void link.refetch()} />;
  return <SetupForm path={path} />;
}

function UsedLink({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 404) return <ErrorState error={error} onRetry={onRetry} />;
  return (
    <Stack gap="md">
      <Title order={1}>This link is used up</Title>
      <Text>
        A set-up link works once and for a day. If there is no account yet, start the server again: it prints a new one.
      </Text>
      <Button component={Link} to="/login">
        Sign in
      </Button>
    </Stack>
  );
}

function useSetup(path: string, values: Values, onAccountFault: () => void) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    meta: { isSigningIn: true },
    mutationFn: async () => {
      const { project, ...account } = values;
      const { organisation } = await api.post<SetupDone>(path, account);
      await signIn(values.email, values.password);
      client.clear();
      // The account is there: whatever fails from here on is gone on with from the start page.
      return startProject(organisation.id, project).catch(() => undefined);
    },
    onSuccess: async (started) => {
      if (!started) return navigate({ to: "/" });
      const params = { projectId: started.project.id, environmentKey: started.environmentKey };
      return navigate({ to: "/projects/$projectId/environments/$environmentKey/connect", params });
    },
    onError: (error) => {
      if (ACCOUNT_FIELDS.some((field) => fieldError(error, field) !== undefined)) onAccountFault();
    },
  });
}

function SetupForm({ path }: { readonly path: string }) {
  const [step, setStep] = useState<1 | 2>(1);
  const [values, setValues] = useState(EMPTY);
  const { mutate, isPending, error } = useSetup(path, values, () => setStep(1));
  const field = (name: keyof Values, label: string) => ({
    label,
    name,
    value: values[name],
    error: fieldError(error, name),
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => {
      const { value } = event.currentTarget;
      setValues((old) => ({ ...old, [name]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (step === 1) setStep(2);
    else mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <div>
          <Text size="sm" c="dimmed">
            Step {step} of 2
          </Text>
          <Title order={1}>{step === 1 ? "Make the first account" : "Name what you build"}</Title>
        </div>
        <FormProblem error={error} fields={FIELDS} />
        {step === 1 ? (
          <>
            <Group grow align="flex-start">
              <TextInput {...field("first_name", "First name")} autoComplete="given-name" required autoFocus />
              <TextInput {...field("last_name", "Last name")} autoComplete="family-name" />
            </Group>
            <TextInput {...field("email", "E-mail address")} type="email" autoComplete="username" required />
            <PasswordInput
              {...field("password", "Password")}
              description="Ten characters or more; a few words are good."
              autoComplete="new-password"
              required
            />
            <Button type="submit">Next</Button>
          </>
        ) : (
          <>
            <TextInput
              {...field("organisation_name", "Organisation")}
              description="Your company or team."
              autoComplete="organization"
              required
              autoFocus
            />
            <TextInput
              {...field("project", "Project")}
              description="One product. It gets two environments, Development and Production."
              required
            />
            <Group grow>
              <Button variant="default" onClick={() => setStep(1)}>
                Back
              </Button>
              <Button type="submit" loading={isPending}>
                Create
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </form>
  );
}
