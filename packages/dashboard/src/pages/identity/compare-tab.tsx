/** This identity beside another one, or beside what everybody gets. Chosen overrides can be copied. */
import { Autocomplete, Button, Group, SegmentedControl, Switch, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Paged } from "../../api/types.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { CopyOverrides } from "./copy-overrides.tsx";
import { FlagPairList } from "./flag-pair-list.tsx";
import { defaultSide, type FlagPair, pairFlags, rightFrom } from "./flag-pairs.ts";
import classes from "./identity.module.css";
import { explanationQuery, featuresQuery, whatIfQuery } from "./identity-queries.ts";
import { identityRouteApi, useIdentityPlace } from "./use-identity.ts";

export function CompareTab() {
  const place = useIdentityPlace();
  const { compare } = identityRouteApi.useSearch();
  const navigate = identityRouteApi.useNavigate();
  const [isChoosing, setIsChoosing] = useState(compare !== undefined);
  const choose = (identifier: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, compare: identifier }), replace: true });
  const isEnvironment = compare === undefined && !isChoosing;
  return (
    <>
      <div className={classes["toolbar"]}>
        <SegmentedControl
          aria-label="Compare with"
          value={isEnvironment ? "environment" : "identity"}
          onChange={(value) => {
            setIsChoosing(value === "identity");
            if (value === "environment") choose(undefined);
          }}
          data={[
            { value: "environment", label: "With everybody" },
            { value: "identity", label: "With another identity" },
          ]}
        />
        {!isEnvironment && (
          <IdentityChoice key={compare} value={compare} environmentKey={place.environmentKey} onChoose={choose} />
        )}
      </div>
      {isEnvironment ? (
        <WithEnvironment />
      ) : compare === undefined ? (
        <EmptyState title="With whom?">Choose another identity to see both side by side.</EmptyState>
      ) : (
        <WithIdentity key={compare} other={compare} />
      )}
    </>
  );
}

interface IdentityChoiceProps {
  readonly value: string | undefined;
  readonly environmentKey: string;
  readonly onChoose: (identifier: string | undefined) => void;
}

function IdentityChoice({ value, environmentKey, onChoose }: IdentityChoiceProps) {
  const [text, setText] = useState(value ?? "");
  const [q] = useDebouncedValue(text, 150);
  const { data } = useQuery({
    queryKey: [...queryKeys.environment(environmentKey), "identities-like", q],
    queryFn: ({ signal }) =>
      api.get<Paged<{ readonly identifier: string }>>(apiPath`/environments/${environmentKey}/identities/`, {
        signal,
        query: { q, page_size: 10 },
      }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <form
      style={{ flex: "1 1 16rem", maxWidth: 420 }}
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(text.trim() || undefined);
      }}
    >
      <Autocomplete
        aria-label="Other identity"
        placeholder="identifier"
        value={text}
        onChange={setText}
        onOptionSubmit={onChoose}
        data={[...new Set(data?.results.map(({ identifier }) => identifier))]}
        filter={({ options }) => options}
      />
    </form>
  );
}

function useSides() {
  const place = useIdentityPlace();
  const mine = useQuery(explanationQuery(place.environmentKey, place.identifier));
  return { place, mine };
}

function WithEnvironment() {
  const { place, mine } = useSides();
  const features = useQuery(featuresQuery(place.projectId, place.environment));
  const error = mine.error ?? features.error;
  if (error) return <ErrorState error={error} onRetry={() => void Promise.all([mine.refetch(), features.refetch()])} />;
  if (!mine.data || !features.data) return <LoadingRows label="Comparing" />;
  const pairs = pairFlags(mine.data.flags, (id) => {
    const feature = features.data.get(id);
    return feature && defaultSide(feature, place.environment.name);
  });
  return <Pairs pairs={pairs} rightName={`Everybody in ${place.environment.name}`} other={undefined} />;
}

function WithIdentity({ other }: { other: string }) {
  const { place, mine } = useSides();
  const theirs = useQuery(whatIfQuery(place.environmentKey, { identifier: other }));
  const error = mine.error ?? theirs.error;
  if (error) return <ErrorState error={error} onRetry={() => void Promise.all([mine.refetch(), theirs.refetch()])} />;
  if (!mine.data || !theirs.data) return <LoadingRows label="Comparing" />;
  const isKnown = theirs.data.identity.is_known;
  return (
    <>
      {!isKnown && (
        <Text mb="sm" role="status">
          {other} was not seen in {place.environment.name} yet; on the right is what it would get, without traits.
        </Text>
      )}
      <Pairs
        pairs={pairFlags(mine.data.flags, rightFrom(theirs.data.flags))}
        rightName={other}
        other={isKnown ? other : undefined}
      />
    </>
  );
}

export type Direction = "here" | "there";

/** Whose override would be copied. */
const isOverridden = (pair: FlagPair, direction: Direction): boolean =>
  (direction === "here" ? pair.right : pair.left)?.source === "override";

interface PairsProps {
  readonly pairs: readonly FlagPair[];
  readonly rightName: string;
  /** undefined = nothing can be copied. */
  readonly other: string | undefined;
}

function Pairs({ pairs, rightName, other }: PairsProps) {
  const place = useIdentityPlace();
  const [isAll, setIsAll] = useState(false);
  const [direction, setDirection] = useState<Direction>("here");
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  const changed = pairs.filter(({ isChanged }) => isChanged);
  const shown = isAll ? pairs : pairs.filter((pair) => pair.isChanged || isOverridden(pair, direction));
  const canCopy = other !== undefined && place.may.override.isAllowed;
  const chosen = pairs.filter((pair) => ids.has(pair.feature.id) && isOverridden(pair, direction));
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text fw={600} aria-live="polite">
          {changed.length === 0 ? "Both get the same" : `${changed.length} of ${pairs.length} flags differ`}
        </Text>
        <Switch label="Show all" checked={isAll} onChange={(event) => setIsAll(event.currentTarget.checked)} />
      </Group>
      {shown.length > 0 && (
        <FlagPairList
          label="Flags side by side"
          pairs={shown}
          leftName={place.identifier}
          rightName={rightName}
          changedWord="differs"
          {...(canCopy && {
            selection: { ids, can: (pair: FlagPair) => isOverridden(pair, direction), onChange: setIds },
          })}
        />
      )}
      {canCopy && other !== undefined && (
        <Group mt="md" gap="sm" align="center">
          <Text>Copy overrides</Text>
          <SegmentedControl
            aria-label="Which way to copy"
            value={direction}
            onChange={(value) => {
              setDirection(value as Direction);
              setIds(new Set());
            }}
            data={[
              { value: "here", label: "to this one" },
              { value: "there", label: "to the other" },
            ]}
          />
          <Button
            variant="default"
            size="xs"
            onClick={() =>
              setIds(new Set(pairs.filter((pair) => isOverridden(pair, direction)).map(({ feature }) => feature.id)))
            }
          >
            Select all overrides
          </Button>
          <CopyOverrides
            place={place}
            other={other}
            direction={direction}
            chosen={chosen}
            onCopied={() => setIds(new Set())}
          />
        </Group>
      )}
    </>
  );
}
