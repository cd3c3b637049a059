/** What single identities get instead: found, added, changed in place, with a reason and an end. */
import { ActionIcon, Button, Group, Modal, NativeSelect, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { type May, usePermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { SourceBadge } from "../../components/source.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { useCursorStack } from "../../components/use-cursor-stack.ts";
import { ValueText } from "../../components/value-text.tsx";
import { BulkOverride } from "./bulk-override.tsx";
import type { IdentityOverride, OverrideList } from "./feature-queries.ts";
import classes from "./features.module.css";
import { IdentityOverrideForm } from "./identity-override-form.tsx";
import { overridePath } from "./identity-override-path.ts";
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
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={4} />
      ) : data.results.length === 0 ? (
        <EmptyState title={q ? "No such identity here" : "Nobody gets anything else"}>
          {q
            ? "No overridden identity has this in its identifier."
            : `Give one user another value of ${feature.name}, to test it or to help them.`}
        </EmptyState>
      ) : (
        <>
          <ul className={classes["rows"]} aria-label="Overridden identities">
            {data.results.map((override) => (
              <OverrideRow key={override.identity.id} {...props} override={override} may={may} />
            ))}
          </ul>
          <Group justify="space-between">
            <Text c="dimmed" size="sm">
              {data.total.exact ? "" : "more than "}
              {numbers.format(data.total.count)} {data.total.count === 1 ? "override" : "overrides"}
            </Text>
            <Group gap="xs">
              <Button variant="default" size="xs" disabled={!stack.previous} onClick={stack.previous}>
                Previous
              </Button>
              <Button variant="default" size="xs" disabled={!next} onClick={() => next && stack.next(next)}>
                Next
              </Button>
            </Group>
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

interface RowProps extends TabProps {
  readonly override: IdentityOverride;
  readonly may: May;
}

function OverrideRow(props: RowProps) {
  const { feature, environment, projectId, override, may } = props;
  const { identifier } = override.identity;
  const client = useQueryClient();
  const [isEditing, setIsEditing] = useState(false);
  const [isRemoving, setIsRemoving] = useState(false);
  const path = overridePath(environment.api_key, identifier, feature.id);
  const stale = () => client.invalidateQueries({ queryKey: queryKeys.environment(environment.api_key) });
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => api.put(path, { enabled }),
    onSuccess: async (_nothing, enabled) => {
      await stale();
      notifyDone(`${feature.name} is ${enabled ? "on" : "off"} for ${identifier}.`);
    },
    onError: (error) => notifyError(error),
  });
  return (
    <li>
      <div className={classes["line"]}>
        <SourceBadge source="override" />
        <span className={classes["grow"]}>
          <Link
            to="/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}"
            params={{ projectId, environmentKey: environment.api_key, identifier, tab: undefined }}
          >
            {identifier}
          </Link>
          <Text size="sm" c="dimmed">
            {override.updated_by ?? "somebody"}, <RelativeTime at={override.updated_at} />
            {override.reason && `: ${override.reason}`}
            {override.expires_at && (
              <>
                {override.is_expired ? ", expired " : ", until "}
                <RelativeTime at={override.expires_at} />
              </>
            )}
          </Text>
        </span>
        {override.variant === null ? (
          <ValueText value={override.value} longest={32} />
        ) : (
          <span>
            variant <code>{override.variant}</code>
          </span>
        )}
        <Switch
          checked={toggle.isPending ? toggle.variables : override.enabled}
          onChange={(event) => toggle.mutate(event.currentTarget.checked)}
          disabled={!may.isAllowed || override.is_expired}
          aria-label={`${feature.name} for ${identifier}`}
        />
        {may.isAllowed && (
          <>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Edit the override of ${identifier}`}
              aria-expanded={isEditing}
              onClick={() => setIsEditing(!isEditing)}
            >
              <IconPencil size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove the override of ${identifier}`}
              onClick={() => setIsRemoving(true)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </>
        )}
      </div>
      {isEditing && <IdentityOverrideForm {...props} identifier={identifier} onDone={() => setIsEditing(false)} />}
      <ConfirmDanger
        opened={isRemoving}
        onClose={() => setIsRemoving(false)}
        title={`Remove the override of ${identifier}?`}
        confirmLabel="Remove override"
        destroys={[`${identifier} gets what their segments and the environment say again`]}
        onConfirm={async () => {
          await api.delete(path);
          await stale();
          notifyDone(`Removed the override of ${identifier}.`);
        }}
      />
    </li>
  );
}
