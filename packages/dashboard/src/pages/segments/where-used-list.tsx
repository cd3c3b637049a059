import { Anchor, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { blockingError } from "../../api/errors.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FlagPennant } from "../../components/flag.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { whereUsedQuery } from "./segment-queries.ts";
import classes from "./segments.module.css";

export interface WhereUsedListProps {
  readonly projectId: number;
  readonly segmentId: number;
}

/** The overrides that stand because of the segment, environment by environment. */
export function WhereUsedList({ projectId, segmentId }: WhereUsedListProps) {
  const { data, error, refetch } = useQuery(whereUsedQuery(projectId, segmentId));
  if (blockingError({ data, error })) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={120} />;
  if (data.results.length === 0) {
    return (
      <EmptyState title="Not used yet">
        Nothing differs for its members so far. Open a feature and add an override for this segment.
      </EmptyState>
    );
  }
  const byEnvironment = Map.groupBy(data.results, ({ environment }) => environment.id);
  return (
    <Stack gap="lg">
      {[...byEnvironment.values()].map((overrides) => (
        <section key={overrides[0]?.environment.id} aria-label={overrides[0]?.environment.name}>
          <Text fw={600} mb={4}>
            {overrides[0]?.environment.name}
          </Text>
          <ul className={classes["used"]}>
            {overrides.map(({ feature, environment, enabled, value, priority, feature_segment }) => (
              <li key={feature_segment}>
                <FlagPennant isOn={enabled} />
                <Anchor
                  renderRoot={(props) => (
                    <Link
                      {...props}
                      to="/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}"
                      params={{
                        projectId,
                        environmentKey: environment.api_key,
                        featureId: feature.id,
                        tab: "segments",
                      }}
                    />
                  )}
                >
                  {feature.name}
                </Anchor>
                <ValueText value={value} />
                <Text size="sm" c="dimmed">
                  priority {priority + 1}
                </Text>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Stack>
  );
}
