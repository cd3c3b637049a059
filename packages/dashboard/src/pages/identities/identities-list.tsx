/** The search box, what it found, and what can be done with it. */
import { Button, Group, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ApiError } from "../../api/errors.ts";
import type { EnvironmentDetail } from "../../api/types.ts";
import { CursorTable } from "../../components/cursor-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { ColumnsMenu } from "./columns-menu.tsx";
import classes from "./identities.module.css";
import { Examples, NoIdentities } from "./no-identities.tsx";
import { QueryField } from "./query-field.tsx";
import { PAGE_SIZE } from "./search-queries.ts";
import { SelectionBar } from "./selection-bar.tsx";
import { foundOf, sayNumber, sayTotal } from "./totals.ts";
import { FIRST_SORT, type ResultsAsked, useResults } from "./use-results.ts";
import { ViewsMenu } from "./views-menu.tsx";

export interface IdentitiesListProps {
  readonly projectId: number;
  readonly environment: EnvironmentDetail;
  readonly asked: ResultsAsked;
  readonly onAsk: (to: ResultsAsked, replace?: boolean) => void;
}

const SORTS = ["identifier", "last_seen", "created"] as const;

/** Which rows are chosen, or that all are that this search finds. */
function useSelection(q: string) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [allOf, setAllOf] = useState<string>();
  return {
    ids,
    isAll: allOf === q,
    choose: (next: ReadonlySet<string>) => {
      setAllOf(undefined);
      setIds(next);
    },
    chooseAll: () => setAllOf(q),
    clear: () => {
      setIds(new Set());
      setAllOf(undefined);
    },
  };
}

export function IdentitiesList({ projectId, environment, asked, onAsk }: IdentitiesListProps) {
  const environmentKey = environment.api_key;
  const { q = "", sort = FIRST_SORT } = asked;
  const { ids, isKnown, table, stack, found, population, examples } = useResults(environmentKey, asked);
  const selection = useSelection(q);
  const { data, error, refetch, isPlaceholderData } = found;
  const refused = error instanceof ApiError && error.status === 400 ? error.fields["q"] : undefined;
  const rows = data?.results;
  const next = data?.next;
  const search = (text: string, replace = false) => {
    selection.clear();
    onAsk({ q: text || undefined }, replace);
  };
  const total = foundOf(data, stack.page === 1);
  const isEmpty = population?.count === 0 && population.exact;
  const from = (stack.page - 1) * PAGE_SIZE + 1;
  const isPaged = next != null || stack.page > 1;
  const isChosen = (selection.ids.size > 0 || selection.isAll) && rows !== undefined;
  const toolbar: ReactNode = isChosen ? (
    <SelectionBar
      {...{ projectId, environment, q }}
      selected={selection.ids}
      isAll={selection.isAll}
      total={total}
      hasMore={isPaged}
      onAll={selection.chooseAll}
      onClear={selection.clear}
    />
  ) : (
    <div className={classes["bar"]}>
      <Text fw={600} aria-live="polite">
        {error ? "" : sayTotal(total, population, q.trim() === "")}
      </Text>
      <Group gap="sm">
        <ViewsMenu projectId={projectId} current={asked} onOpen={({ name: _name, ...view }) => onAsk(view)} />
        <ColumnsMenu environmentKey={environmentKey} columns={ids} onChange={(columns) => onAsk({ columns }, true)} />
      </Group>
    </div>
  );
  return (
    <>
      <QueryField
        environmentKey={environmentKey}
        projectId={projectId}
        value={q}
        onSearch={(text) => search(text, true)}
        refusal={
          refused === undefined
            ? undefined
            : { message: refused, spot: error instanceof ApiError ? error.spot : undefined }
        }
      />
      {q === "" && !isEmpty && (
        <div className={classes["try"]}>
          <Text component="span" size="sm" c="dimmed">
            Try
          </Text>
          <Examples examples={examples} onTry={search} />
        </div>
      )}
      {/* Also where nobody is left: it holds the dialog that says so. */}
      {(!isEmpty || isChosen) && toolbar}
      {refused !== undefined ? (
        <Text c="dimmed">There is something wrong with this search.</Text>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !isKnown ? (
        <LoadingRows label="Loading identities" />
      ) : rows?.length === 0 && next ? (
        <EmptyState
          title="Nobody so far"
          action={
            <Button variant="default" onClick={() => stack.next(next)}>
              Search on
            </Button>
          }
        >
          This search has to look at identities one by one, and has not come to the end of them yet.
        </EmptyState>
      ) : (
        <CursorTable
          label="Identities"
          columns={table}
          rows={rows}
          rowId={({ identifier }) => identifier}
          empty={<NoIdentities q={q} place={{ projectId, environmentKey }} examples={examples} onTry={search} />}
          isStale={isPlaceholderData}
          selection={{
            ids: selection.isAll ? new Set(rows?.map(({ identifier }) => identifier)) : selection.ids,
            onChange: selection.choose,
            nameOf: (identifier) => identifier,
          }}
          sorting={{
            value: sort,
            columns: SORTS,
            onChange: (value) => onAsk({ sort: value === FIRST_SORT ? undefined : value }),
          }}
          paging={{
            onPrevious: stack.previous,
            onNext: next ? () => stack.next(next) : undefined,
            summary:
              rows && rows.length > 0 && isPaged
                ? `${sayNumber(from)} to ${sayNumber(from + rows.length - 1)}`
                : undefined,
          }}
        />
      )}
    </>
  );
}
