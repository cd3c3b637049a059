/** What was changed, newest first: a line each, opened to the differences, with a way back where there is one. */
import type { auditDetailSchema, auditEntrySchema } from "@burgee/contract/admin";
import { Button, Collapse, Group, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../api/client.ts";
import { blockingError, messageOf } from "../api/errors.ts";
import { queryKeys } from "../api/query-keys.ts";
import type { Paged } from "../api/types.ts";
import classes from "./audit-list.module.css";
import { authorOf, fieldWords, readStored, valueLines } from "./audit-text.ts";
import { ErrorState } from "./error-state.tsx";
import { LoadingRows } from "./loading.tsx";
import { notifyDone, notifyError } from "./notify.tsx";
import { RelativeTime } from "./time-ago.tsx";

type Entry = z.infer<typeof auditEntrySchema>;
type Detail = z.infer<typeof auditDetailSchema>;

export interface AuditFilter {
  readonly search?: string | undefined;
  /** Ids, with commas. */
  readonly environments?: string | undefined;
  /** An e-mail address, or key:ID. */
  readonly author?: string | undefined;
  /** An identifier; its environment must be the one in `environments`. */
  readonly identity?: string | undefined;
  readonly feature?: number | undefined;
}

export interface AuditListProps {
  readonly projectId: number;
  readonly filter: AuditFilter;
  readonly page: number;
  readonly onPage: (page: number) => void;
  /** Instead of an empty list. */
  readonly empty: ReactNode;
  /** Where every entry is of one environment, it is not named. */
  readonly hidesEnvironment?: boolean;
}

const PAGE_SIZE = 30;
const numbers = new Intl.NumberFormat();

export function AuditList({ projectId, filter, page, onPage, empty, hidesEnvironment = false }: AuditListProps) {
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [...queryKeys.project(projectId), "audit", filter, page],
    queryFn: ({ signal }) =>
      api.get<Paged<Entry>>(apiPath`/projects/${projectId}/audit/`, {
        signal,
        query: { ...filter, page, page_size: PAGE_SIZE },
      }),
    placeholderData: keepPreviousData,
  });
  if (blockingError({ data, error })) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading changes" />;
  if (data.count === 0) return empty;
  const last = Math.ceil(data.count / PAGE_SIZE);
  return (
    <Stack gap="sm" data-is-stale={isPlaceholderData} aria-busy={isPlaceholderData}>
      <ul className={classes["list"]} aria-label="Changes">
        {data.results.map((entry) => (
          <li key={entry.id} className={classes["entry"]}>
            <EntryLine entry={entry} projectId={projectId} hidesEnvironment={hidesEnvironment} />
          </li>
        ))}
      </ul>
      <Group justify="space-between">
        <Text c="dimmed" size="sm">
          {numbers.format(data.count)} {data.count === 1 ? "change" : "changes"}
        </Text>
        {last > 1 && (
          <Group gap="xs">
            <Button variant="default" size="xs" disabled={page <= 1} onClick={() => onPage(page - 1)}>
              Newer
            </Button>
            <Button variant="default" size="xs" disabled={page >= last} onClick={() => onPage(page + 1)}>
              Older
            </Button>
          </Group>
        )}
      </Group>
    </Stack>
  );
}

interface EntryProps {
  readonly entry: Entry;
  readonly projectId: number;
  readonly hidesEnvironment: boolean;
}

function EntryLine({ entry, projectId, hidesEnvironment }: EntryProps) {
  const [isOpen, setIsOpen] = useState(false);
  const id = `audit-${entry.id}`;
  const place = hidesEnvironment ? undefined : entry.environment?.name;
  return (
    <>
      <UnstyledButton
        className={classes["head"] ?? ""}
        onClick={() => setIsOpen(!isOpen)}
        aria-expanded={isOpen}
        aria-controls={id}
      >
        <span className={classes["log"]}>{entry.log}</span>
        <span className={classes["meta"]}>
          {authorOf(entry)}
          {place !== undefined && ` in ${place}`}
        </span>
        <span className={classes["meta"]}>
          <RelativeTime at={entry.created_date} />
        </span>
      </UnstyledButton>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && (
          <div className={classes["detail"]}>
            <EntryDetail id={entry.id} projectId={projectId} />
          </div>
        )}
      </Collapse>
    </>
  );
}

function EntryDetail({ id, projectId }: { id: number; projectId: number }) {
  const client = useQueryClient();
  const path = apiPath`/projects/${projectId}/audit/${id}/`;
  const { data, error } = useQuery({
    queryKey: [...queryKeys.project(projectId), "audit-entry", id],
    queryFn: ({ signal }) => api.get<Detail>(path, { signal }),
  });
  const undo = useMutation({
    mutationFn: () => api.post<Detail>(`${path}undo/`),
    onSuccess: async (made) => {
      await client.invalidateQueries();
      notifyDone(made.log);
    },
    onError: (failure) => notifyError(failure, "It could not be undone"),
  });
  if (error) return <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>;
  if (!data) return <Skeleton height={60} />;
  return (
    <Stack gap="sm">
      {data.change_details.length > 0 && <Differences details={data.change_details} />}
      <Text size="sm" c="dimmed">
        {[
          data.author?.email ?? data.actor,
          data.address && `from ${data.address}`,
          data.request_id && `request ${data.request_id}`,
          data.revision !== null && `revision ${data.revision}`,
        ]
          .filter(Boolean)
          .join(", ")}
      </Text>
      {data.is_undoable && (
        <Group>
          <Button variant="default" size="xs" loading={undo.isPending} onClick={() => undo.mutate()}>
            Undo this change
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Differences({ details }: { details: Detail["change_details"] }) {
  return (
    <table className={classes["changes"]}>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {details.map(({ field, old, new: now }) => (
          <tr key={field}>
            <th scope="row">{fieldWords(field)}</th>
            <td data-label="Before">
              <pre className={`${classes["text"]} ${classes["old"]}`}>{valueLines(readStored(old)).join("\n")}</pre>
            </td>
            <td data-label="After">
              <pre className={classes["text"]}>{valueLines(readStored(now)).join("\n")}</pre>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
