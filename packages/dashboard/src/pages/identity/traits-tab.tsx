/** What the application said of this identity; typed, and editable. */
import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyError } from "../../components/notify.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { ValueChip, ValueText } from "../../components/value-text.tsx";
import classes from "./identity.module.css";
import { type RecordTrait, recordQuery, type TaggedRecord } from "./identity-queries.ts";
import { TraitForm } from "./trait-form.tsx";
import { TYPE_WORDS, textOf } from "./trait-text.ts";
import { useTraitWrites } from "./trait-writes.ts";
import { useFirst } from "./use-first.tsx";
import { type IdentityPlace, identityRouteApi, useIdentityPlace } from "./use-identity.ts";

/** Fewer are seen at a glance. */
const SEARCHED_FROM = 12;

export function TraitsTab() {
  const place = useIdentityPlace();
  const { data, error, refetch } = useQuery(recordQuery(place.environmentKey, place.identifier));
  const writes = useTraitWrites(place);
  const [isAdding, setIsAdding] = useState(false);
  const { q = "" } = identityRouteApi.useSearch();
  const navigate = identityRouteApi.useNavigate();
  const found = data?.record.traits.filter(({ key }) => key.toLowerCase().includes(q.toLowerCase())) ?? [];
  const { first, more } = useFirst(found);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading the traits" />;
  if (data.record.traits_hidden) {
    return <EmptyState title="Not yours to see">You need the permission “view traits” in this environment.</EmptyState>;
  }
  const { traits } = data.record;
  const add = (
    <GatedButton may={place.may.traits} onClick={() => setIsAdding(true)}>
      Add a trait
    </GatedButton>
  );
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text c="dimmed">Segments ask for them. What the application sends next is laid over what is here.</Text>
        {!isAdding && traits.length > 0 && add}
      </Group>
      {isAdding && (
        <div className={classes["rows"]} style={{ padding: 16, marginBottom: 12 }}>
          <TraitForm
            environmentKey={place.environmentKey}
            trait={undefined}
            taken={traits.map(({ key }) => key)}
            onSave={(trait) => writes.save(trait.key, trait, data)}
            onDone={() => setIsAdding(false)}
            saveLabel="Add trait"
          />
        </div>
      )}
      {traits.length === 0 && !isAdding && (
        <EmptyState title="No traits" action={add} example={<code>plan = “pro”</code>}>
          The application has said nothing of this identity yet. A trait is a named fact, such as its plan.
        </EmptyState>
      )}
      {traits.length > 0 && (
        <>
          {traits.length > SEARCHED_FROM && (
            <SearchField
              value={q}
              onSearch={(text) =>
                void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true })
              }
              label="Search traits"
              delayMs={80}
              mb="sm"
              className={classes["search"] ?? ""}
            />
          )}
          {found.length === 0 && <Text c="dimmed">No trait has “{q}” in its name.</Text>}
          <ul className={`${classes["plain"]} ${found.length > 0 ? classes["rows"] : ""}`} aria-label="Traits">
            {first.map((trait) => (
              <TraitRow key={trait.key} trait={trait} place={place} shown={data} />
            ))}
          </ul>
          {more}
        </>
      )}
    </>
  );
}

interface TraitRowProps {
  readonly trait: RecordTrait;
  readonly place: IdentityPlace;
  readonly shown: TaggedRecord;
}

function TraitRow({ trait, place, shown }: TraitRowProps) {
  // What was shown when the editing began: a change of another meanwhile is then a conflict, not a surprise.
  const [editing, setEditing] = useState<TaggedRecord>();
  const writes = useTraitWrites(place);
  const remove = useMutation({
    mutationFn: () => writes.save(trait.key, null, shown),
    onError: (error) => notifyError(error, "It could not be taken away"),
  });
  if (editing) {
    return (
      <li className={classes["row"]} style={{ display: "block", padding: 16, margin: 0 }}>
        <Text className={classes["key"] ?? ""} mb={8}>
          {trait.key}
        </Text>
        <TraitForm
          environmentKey={place.environmentKey}
          trait={trait}
          taken={[]}
          onSave={(next) => writes.save(next.key, next, editing)}
          onDone={() => setEditing(undefined)}
        />
      </li>
    );
  }
  const { projectId, environmentKey } = place;
  return (
    <li className={classes["row"]} style={{ margin: 0 }}>
      <Link
        className={`${classes["name"]} ${classes["key"]}`}
        to="/projects/$projectId/environments/$environmentKey/traits"
        params={{ projectId, environmentKey }}
        search={{ trait: trait.key }}
      >
        {trait.key}
      </Link>
      <span className={classes["value"]}>
        {trait.type === "string" ? <ValueText value={trait.value} /> : <ValueChip>{textOf(trait)}</ValueChip>}
      </span>
      <Text component="span" size="sm" c="dimmed">
        {TYPE_WORDS[trait.type]}
      </Text>
      <Group gap={8} wrap="nowrap">
        <GatedButton
          may={place.may.traits}
          variant="default"
          size="xs"
          onClick={() => setEditing(shown)}
          aria-label={`Edit ${trait.key}`}
        >
          Edit
        </GatedButton>
        {place.may.traits.isAllowed && (
          <Button
            variant="default"
            size="xs"
            loading={remove.isPending}
            onClick={() => remove.mutate()}
            aria-label={`Remove ${trait.key}`}
          >
            Remove
          </Button>
        )}
      </Group>
    </li>
  );
}
