import { Button, CopyButton, Group, Paper, Stack, Tabs, Text, Title } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, apiPath } from "../../api/client.ts";
import { environmentQuery } from "../../api/queries.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Paged } from "../../api/types.ts";
import { CopyText } from "../../components/copy-text.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { TabRow } from "../../components/tab-row.tsx";
import classes from "./connect.module.css";
import { type Snippet, snippetsFor } from "./snippets.ts";

const ID = "/app/projects/$projectId/environments/$environmentKey/connect";
const route = getRouteApi(ID);
const WAIT_MS = 2000;

export function ConnectPage() {
  const { environmentKey } = route.useParams();
  const { language } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: environment } = useSuspenseQuery(environmentQuery(environmentKey));
  const snippets = snippetsFor(environmentKey, location.origin);
  const chosen = snippets.find(({ id }) => id === language) ?? snippets[0];
  return (
    <>
      <PageHeader
        title="Connect your app"
        description={
          <>
            Ask for flags in {environment.name} with its key <CopyText text={environmentKey} what="environment key" />
          </>
        }
      />
      <Stack gap="lg" maw={860}>
        <Tabs
          value={chosen?.id ?? null}
          onChange={(next) => void navigate({ search: { language: next ?? undefined }, replace: true })}
        >
          <TabRow active={chosen?.id ?? ""}>
            {snippets.map(({ id, name }) => (
              <Tabs.Tab key={id} value={id}>
                {name}
              </Tabs.Tab>
            ))}
          </TabRow>
          {snippets.map((snippet) => (
            <Tabs.Panel key={snippet.id} value={snippet.id}>
              <Stack gap="sm">
                {snippet.install !== "" && <Code code={snippet.install} what="command" />}
                <Code code={snippet.code} what={`${snippet.name} snippet`} />
              </Stack>
            </Tabs.Panel>
          ))}
        </Tabs>
        <FirstIdentity />
      </Stack>
    </>
  );
}

function Code({ code, what }: { readonly code: Snippet["code"]; readonly what: string }) {
  return (
    <div className={classes["code"]}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{code}</pre>
      <CopyButton value={code} timeout={1500}>
        {({ copied, copy }) => (
          <Button
            className={classes["copy"] ?? ""}
            variant="default"
            size="xs"
            onClick={copy}
            aria-label={`Copy ${what}`}
            leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          >
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

interface ListedIdentity {
  readonly id: number;
  readonly identifier: string;
}

/** Waits for the first user, and turns when they arrive. */
function FirstIdentity() {
  const params = route.useParams();
  const { data, error } = useQuery({
    queryKey: [...queryKeys.environment(params.environmentKey), "first-identity"],
    queryFn: ({ signal }) =>
      api.get<Paged<ListedIdentity>>(apiPath`/environments/${params.environmentKey}/identities/`, {
        signal,
        query: { page_size: 1 },
      }),
    refetchInterval: ({ state }) => (state.data?.results.length ? false : WAIT_MS),
  });
  const [identity] = data?.results ?? [];
  return (
    <Paper p="md" role="status">
      {identity ? (
        <Group justify="space-between">
          <div>
            <Title order={2}>It works</Title>
            <Text>
              <strong>{identity.identifier}</strong> asked for flags.
            </Text>
          </div>
          <Button
            component={Link}
            to="/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}"
            params={{ ...params, identifier: identity.identifier } as never}
          >
            See what they get
          </Button>
        </Group>
      ) : (
        <Group gap="md" wrap="nowrap">
          <span className={classes["pulse"]} aria-hidden />
          <div>
            <Title order={2}>{error ? "Identities cannot be shown" : "No user seen yet"}</Title>
            <Text c="dimmed">
              {error
                ? error.message
                : "Run the snippet. This line turns as soon as the first user’s flags are asked for."}
            </Text>
          </div>
        </Group>
      )}
    </Paper>
  );
}
