import { Anchor, Button, Checkbox, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { answerTwoFactor } from "../../api/session.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { nextPage } from "./next-page.ts";

const route = getRouteApi("/public/login/two-factor");

export function TwoFactorPage() {
  const { next } = route.useSearch();
  useDocumentTitle("Second factor · Burgee");
  const client = useQueryClient();
  const router = useRouter();
  const [code, setCode] = useState("");
  const [isTrusted, setTrusted] = useState(false);
  const { mutate, isPending, error } = useMutation({
    meta: { isSigningIn: true },
    mutationFn: () => answerTwoFactor(code, isTrusted),
    onSuccess: () => {
      client.clear();
      router.history.push(nextPage(next));
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
        <div>
          <Title order={1}>Second factor</Title>
          <Text c="dimmed">Six digits from your authenticator app, or one of your backup codes.</Text>
        </div>
        <FormProblem error={error} fields={[]} />
        <TextInput
          label="Code"
          autoComplete="one-time-code"
          required
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Checkbox
          label="Do not ask again on this device for 30 days"
          checked={isTrusted}
          onChange={(event) => setTrusted(event.currentTarget.checked)}
        />
        <Button type="submit" loading={isPending}>
          Go on
        </Button>
        <Anchor component={Link} to="/login" size="sm">
          Sign in as somebody else
        </Anchor>
      </Stack>
    </form>
  );
}
