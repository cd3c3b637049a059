/** A second factor: set up with a QR code, proved with a code, with backup codes to keep. */
import type { backupCodesSchema, twoFactorBegunSchema } from "@burgee/contract/admin";
import {
  Alert,
  Badge,
  Button,
  Code,
  Group,
  Modal,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { encode } from "uqr";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { fieldError, messageOf } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Me } from "../../api/types.ts";
import { CopyText } from "../../components/copy-text.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { notifyDone } from "../../components/notify.tsx";

type Begun = z.infer<typeof twoFactorBegunSchema>;
type Codes = z.infer<typeof backupCodesSchema>;

const path = apiPath`/auth/${"app"}/`;

export function TwoFactor({ me }: { me: Me }) {
  const [open, setOpen] = useState<"set-up" | "end">();
  const close = () => setOpen(undefined);
  return (
    <Paper p="md" component="section" aria-label="Two-factor authentication">
      <Group justify="space-between">
        <div>
          <Group gap={8}>
            <Title order={2}>Two-factor authentication</Title>
            <Badge variant="outline" color="gray" tt="none">
              {me.two_factor_enabled ? "on" : "off"}
            </Badge>
          </Group>
          <Text c="dimmed">A code from your phone beside the password.</Text>
        </div>
        <Button variant="default" onClick={() => setOpen(me.two_factor_enabled ? "end" : "set-up")}>
          {me.two_factor_enabled ? "Switch off" : "Set up"}
        </Button>
      </Group>
      <Modal opened={open === "set-up"} onClose={close} title="Set up two-factor authentication">
        {open === "set-up" && <SetUp onDone={close} />}
      </Modal>
      <Modal opened={open === "end"} onClose={close} title="Switch two-factor authentication off">
        {open === "end" && <End onDone={close} />}
      </Modal>
    </Paper>
  );
}

function SetUp({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const begin = useMutation({ mutationFn: () => api.post<Begun>(`${path}activate/`, {}) });
  const confirm = useMutation({
    mutationFn: () => api.post<Codes>(`${path}activate/confirm/`, { code: code.trim() }),
    onSuccess: () => client.invalidateQueries({ queryKey: queryKeys.me }),
  });
  if (confirm.data) return <BackupCodes codes={confirm.data.backup_codes} onDone={onDone} />;
  if (!begin.data) {
    return (
      <Stack gap="md">
        <Text>You need an authenticator app, such as the one of your password manager.</Text>
        {begin.error !== null && <Text c="var(--mantine-color-error)">{messageOf(begin.error)}</Text>}
        <Group justify="flex-end">
          <Button loading={begin.isPending} onClick={() => begin.mutate()} data-autofocus>
            Show the code to scan
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <Stack gap="md">
        <Text>Scan this with the app, or type the secret into it.</Text>
        <QrCode text={begin.data.qr_link} />
        <CopyText text={begin.data.secret} what="secret" />
        <FormProblem error={confirm.error} fields={["code"]} />
        <TextInput
          label="The six digits it shows"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={fieldError(confirm.error, "code")}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
        />
        <Group justify="flex-end">
          <Button type="submit" loading={confirm.isPending}>
            Switch on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Black on white in both colour schemes: cameras want it so. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 2 });
  const d = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg viewBox={`0 0 ${size} ${size}`} width={200} height={200} role="img" aria-label="QR code for the app">
      <rect width={size} height={size} fill="#fff" />
      <path d={d} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}

function BackupCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <Stack gap="md">
      <Alert variant="outline" color="gray" title="Keep these backup codes">
        Each lets you in once without your phone. They are not shown again.
      </Alert>
      <SimpleGrid cols={2} spacing="xs">
        {codes.map((code) => (
          <Code key={code} fz="md">
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Group justify="space-between">
        <CopyText text={codes.join("\n")} shown="" what="all backup codes" />
        <Button onClick={onDone}>I have kept them</Button>
      </Group>
    </Stack>
  );
}

function End({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post(`${path}deactivate/`, { code: code.trim() || null }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queryKeys.me });
      notifyDone("Two-factor authentication is off.");
      onDone();
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
        <FormProblem error={error} fields={["code"]} />
        <TextInput
          label="A code of your app, or a backup code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={fieldError(error, "code")}
          autoComplete="one-time-code"
          required
          data-autofocus
        />
        <Group justify="flex-end">
          <Button type="submit" color="red.9" loading={isPending}>
            Switch off
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
