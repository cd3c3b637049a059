import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, apiPath } from "../../api/client.ts";
import { ActionPanel } from "../../components/action-panel.tsx";
import { notifyError } from "../../components/notify.tsx";

/** After a laptop is lost. */
export function SignOutEverywhere() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.delete(apiPath`/auth/token/`),
    onSuccess: async () => {
      client.clear();
      await navigate({ to: "/login" });
    },
    onError: (error) => notifyError(error, "You are still signed in"),
  });
  return (
    <ActionPanel
      title="Sign out everywhere"
      text="Ends your sessions in every browser, this one too, and your API tokens."
      button={
        <Button variant="default" loading={isPending} onClick={() => mutate()}>
          Sign out everywhere
        </Button>
      }
    />
  );
}
