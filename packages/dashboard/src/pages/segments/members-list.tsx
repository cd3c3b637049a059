import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { blockingError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Environment } from "../../api/types.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { type Members, membersPath } from "./segment-queries.ts";
import classes from "./segments.module.css";

export interface MembersListProps {
  readonly projectId: number;
  readonly segmentId: number;
  readonly environment: Environment;
}

/** Traits as one line: plan = pro, country = DE. */
const sayTraits = (traits: Readonly<Record<string, unknown>>): string =>
  Object.entries(traits)
    .slice(0, 6)
    .map(([key, value]) => `${key} = ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");

/** Who is in, by identifier. A page may be short although more follow: there were many to look through. */
export function MembersList({ projectId, segmentId, environment }: MembersListProps) {
  const [q, setQ] = useState("");
  const { data, error, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [...queryKeys.environment(environment.api_key), "members", segmentId, q],
    queryFn: ({ pageParam, signal }) =>
      api.get<Members>(membersPath(projectId, segmentId), {
        signal,
        query: { environment: environment.id, cursor: pageParam, q, limit: 50 },
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const members = data?.pages.flatMap(({ results }) => results) ?? [];
  return (
    <Stack gap="md">
      <SearchField value={q} onSearch={setQ} label="Search members by identifier" maw={360} />
      {blockingError({ data, error }) ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : isPending ? (
        <Skeleton height={200} />
      ) : members.length === 0 && !hasNextPage ? (
        <EmptyState title="Nobody">
          {q === "" ? `Nobody in ${environment.name} meets these rules.` : "No member has this in their identifier."}
        </EmptyState>
      ) : (
        <ul className={`${classes["used"]} ${classes["members"]}`} aria-label="Members">
          {members.map(({ identifier, traits }) => (
            <li key={identifier}>
              <Link
                to="/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}"
                params={{ projectId, environmentKey: environment.api_key, identifier, tab: undefined }}
                style={{ overflowWrap: "anywhere" }}
              >
                {identifier}
              </Link>
              <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                {sayTraits(traits)}
              </Text>
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Group>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {members.length === 0 ? "Search further" : "Show more"}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
