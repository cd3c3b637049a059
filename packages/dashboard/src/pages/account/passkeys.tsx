import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { messageOf } from "../../api/errors.ts";
import { hasPasskeys } from "../../api/session.ts";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";

const PASSKEY = "/api/auth/passkey";
const KEY = ["me", "passkeys"] as const;

interface Passkey {
  readonly id: string;
  readonly name?: string | null;
  readonly createdAt?: string | null;
}

/** False where the person sent the browser's question away. */
async function addPasskey(): Promise<boolean> {
  const options = await api.get<PublicKeyCredentialCreationOptionsJSON>(`${PASSKEY}/generate-register-options`);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({ publicKey }).catch(() => null);
  if (!(credential instanceof PublicKeyCredential)) return false;
  await api.post(`${PASSKEY}/verify-registration`, { response: credential.toJSON() });
  return true;
}

export function Passkeys() {
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => api.get<Passkey[]>(`${PASSKEY}/list-user-passkeys`, { signal }),
    retry: false,
  });
  const stale = () => client.invalidateQueries({ queryKey: KEY });
  const add = useMutation({
    mutationFn: addPasskey,
    onSuccess: async (isAdded) => {
      await stale();
      if (isAdded) notifyDone("You can sign in with this passkey now.");
    },
    onError: (failure) => notifyError(failure, "The passkey was not added"),
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.post(`${PASSKEY}/delete-passkey`, { id }),
    onSuccess: async () => {
      await stale();
      notifyDone("Removed the passkey.");
    },
    onError: (failure) => notifyError(failure),
  });
  return (
    <Paper p="md" component="section" aria-label="Passkeys">
      <Stack gap="sm">
        <Group justify="space-between">
          <div>
            <Title order={2}>Passkeys</Title>
            <Text c="dimmed">Sign in with your finger, face or security key.</Text>
          </div>
          {hasPasskeys() && (
            <Button variant="default" loading={add.isPending} onClick={() => add.mutate()}>
              Add a passkey
            </Button>
          )}
        </Group>
        {error && <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>}
        {!data && !error && <LoadingRows rows={1} />}
        {data?.length === 0 && <Text c="dimmed">You have none yet.</Text>}
        {data?.map(({ id, name, createdAt }) => (
          <Group key={id} justify="space-between">
            <Text>
              {name || "Passkey"}, added <RelativeTime at={createdAt ?? null} never="some time ago" />
            </Text>
            <Button variant="default" size="xs" onClick={() => remove.mutate(id)} loading={remove.isPending}>
              Remove
            </Button>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
