import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { Group, NativeSelect, Paper, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { blockingError } from "../../api/errors.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { usageQuery } from "./feature-queries.ts";
import type { TabProps } from "./tab-props.ts";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}");
const numbers = new Intl.NumberFormat();
const DAYS = [7, 30, 90] as const;

const SERIES = [
  { name: "enabled", label: "on", color: "signal.7" },
  { name: "disabled", label: "off", color: "slate.4" },
  { name: "unknown", label: "the SDK did not say", color: "teal.7" },
] as const;

const dayNames = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const shortDay = (day: string): string => dayNames.format(new Date(`${day}T00:00:00Z`));

/** How often it was evaluated, as SDKs report it, day by day. */
export function UsageTab({ feature, environment, projectId }: TabProps) {
  const { days = 30 } = route.useSearch();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(usageQuery(environment.api_key, feature.id, Math.min(days, 366)));
  if (blockingError({ data, error })) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingRows rows={4} height={60} />;
  const { total, sdks } = data.evaluations;
  const params = { projectId, environmentKey: environment.api_key, featureId: feature.id, tab: "usage" };
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Text>
          <Text component="span" fw={650} size="xl">
            {numbers.format(total)}
          </Text>{" "}
          evaluations in {environment.name}
        </Text>
        <NativeSelect
          aria-label="How long"
          value={String(days)}
          onChange={(event) =>
            void navigate({
              to: "/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}",
              params,
              search: { days: Number(event.currentTarget.value) },
            })
          }
          data={DAYS.map((each) => ({ value: String(each), label: `the last ${each} days` }))}
        />
      </Group>
      {total === 0 ? (
        <EmptyState title="Not evaluated yet">
          SDKs with analytics switched on report here how often they evaluate {feature.name}.
        </EmptyState>
      ) : (
        <>
          <Paper p="md">
            <BarChart
              h={260}
              type="stacked"
              data={data.evaluations.days.map(({ day, ...counts }) => ({ ...counts, day: shortDay(day) }))}
              dataKey="day"
              withLegend
              valueFormatter={(value) => numbers.format(value)}
              series={SERIES.filter(({ name }) => data.evaluations.days.some((each) => each[name] > 0))}
              barProps={{ isAnimationActive: false }}
            />
          </Paper>
          <Table aria-label="By SDK" maw={480}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">SDK</Table.Th>
                <Table.Th scope="col" ta="right">
                  Evaluations
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {sdks.map(({ sdk, count }) => (
                <Table.Tr key={sdk}>
                  <Table.Td>{sdk === "unknown" ? "not said" : sdk}</Table.Td>
                  <Table.Td ta="right">{numbers.format(count)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
    </Stack>
  );
}
