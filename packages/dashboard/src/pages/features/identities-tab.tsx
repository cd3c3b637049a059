/** What single identities get instead: found, added, changed in place, with a reason and an end. */
import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { blockingError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { useCursorStack } from "../../components/use-cursor-stack.ts";
import { BulkOverride } from "./bulk-override.tsx";
import type { OverrideList } from "./feature-queries.ts";
import classes from "./features.module.css";
import { IdentityOverrideForm } from "./identity-override-form.tsx";
import { IdentityOverrideRow } from "./identity-override-row.tsx";
import type { TabProps } from "./tab-props.ts";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}");
const numbers = new Intl.NumberFormat();

export function IdentitiesTab(props: TabProps) {
  const { feature, environment, projectId } = props;
  const { q } = route.useSearch();
  const navigate = useNavigate();
  const [which, setWhich] = useState("");
  const [isAdding, setIsAdding] = useState(false);
  const [isBulk, setIsBulk] = useState(false);
  const may = usePermissions(environment.api_key).may("MANAGE_IDENTITY_OVERRIDES", "UPDATE_FEATURE_STATE");
  const stack = useCursorStack(`${q ?? ""} ${which}`);
  const { data, error, refetch } = useQuery({
    queryKey: [...queryKeys.environment(environment.api_key), "overrides", feature.id, q, which, stack.cursor],
    queryFn: ({ signal }) =>
      api.get<OverrideList>(apiPath`/environments/${environment.api_key}/overrides/`, {
        signal,
        query: { feature: feature.id, q, expired: which, cursor: stack.cursor, limit: 25 },
      }),
  });
  const search = (text: string) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}",
      params: { projectId, environmentKey: environment.api_key, featureId: feature.id, tab: "identities" },
      search: { q: text || undefined },
      replace: true,
    });
  const next = data?.next;
  return (
    <Stack gap="md">
      <Group gap="sm">
        <SearchField value={q ?? ""} onSearch={search} label="Search by identifier" style={{ flex: "1 1 14rem" }} />
        <NativeSelect
          aria-label="Which overrides"
          value={which}
          onChange={(event) => setWhich(event.currentTarget.value)}
          data={[
            { value: "", label: "all overrides" },
            { value: "false", label: "those that apply" },
            { value: "true", label: "expired ones" },
          ]}
        />
        <GatedButton may={may} variant="default" onClick={() => setIsBulk(true)}>
          For many
        </GatedButton>
        <GatedButton may={may} onClick={() => setIsAdding(true)}>
          Add an identity
        </GatedButton>
      </Group>
      {blockingError({ data, error }) ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={4} />
      ) : data.results.length === 0 ? (
        <EmptyState title={q || which ? "No such override here" : "Nobody gets anything else"}>
          {q || which
            ? "No overridden identity fits what you are looking for."
            : `Give one user another value of ${feature.name}, to test it or to help them.`}
        </EmptyState>
      ) : (
        <>
          <ul className={classes["rows"]} aria-label="Overridden identities">
            {data.results.map((override) => (
              <IdentityOverrideRow key={override.identity.id} {...props} override={override} may={may} />
            ))}
          </ul>
          <Group justify="space-between">
            <Text c="dimmed" size="sm">
              {data.total.exact ? "" : "more than "}
              {numbers.format(data.total.count)} {data.total.count === 1 ? "override" : "overrides"}
            </Text>
            {(stack.previous || next) && (
              <Group gap="sm">
                <Button variant="default" size="xs" disabled={!stack.previous} onClick={stack.previous}>
                  Previous
                </Button>
                <Button variant="default" size="xs" disabled={!next} onClick={() => next && stack.next(next)}>
                  Next
                </Button>
              </Group>
            )}
          </Group>
        </>
      )}
      <Modal opened={isAdding} onClose={() => setIsAdding(false)} title={`Override ${feature.name} for one identity`}>
        {isAdding && <AddForm {...props} onDone={() => setIsAdding(false)} />}
      </Modal>
      <Modal opened={isBulk} onClose={() => setIsBulk(false)} title={`Override ${feature.name} for many`} size="lg">
        {isBulk && <BulkOverride {...props} />}
      </Modal>
    </Stack>
  );
}

function AddForm(props: TabProps & { onDone: () => void }) {
  const [identifier, setIdentifier] = useState("");
  return (
    <Stack gap="md">
      <TextInput
        label="Identifier"
        description="What your application calls the user. One that is not known yet is created."
        value={identifier}
        onChange={(event) => setIdentifier(event.currentTarget.value)}
        required
        data-autofocus
      />
      <IdentityOverrideForm {...props} identifier={identifier} override={undefined} />
    </Stack>
  );
}
