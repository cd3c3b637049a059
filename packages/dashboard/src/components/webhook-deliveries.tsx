import type { deliveryDetailSchema, deliveryPageSchema } from "@burgee/contract/admin";
import { Badge, Button, Code, Group, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api } from "../api/client.ts";
import { messageOf } from "../api/errors.ts";
import classes from "./audit-list.module.css";
import { notifyDone, notifyError } from "./notify.tsx";
import { RelativeTime } from "./time-ago.tsx";

type Page = z.infer<typeof deliveryPageSchema>;
type Delivery = Page["results"][number];
type Detail = z.infer<typeof deliveryDetailSchema>;

/** What was sent to one webhook, newest first. */
export function Deliveries({ path }: { path: string }) {
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["deliveries", path],
    queryFn: ({ pageParam, signal }) => api.get<Page>(path, { signal, query: { cursor: pageParam, limit: 20 } }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  if (error) return <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>;
  if (!data) return <Skeleton height={80} />;
  const deliveries = data.pages.flatMap(({ results }) => results);
  if (deliveries.length === 0) return <Text c="dimmed">Nothing has been sent yet.</Text>;
  return (
    <Stack gap="sm">
      <ul className={classes["list"]} aria-label="Deliveries">
        {deliveries.map((delivery) => (
          <li key={delivery.id} className={classes["entry"]}>
            <Line delivery={delivery} path={path} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="default" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older
        </Button>
      )}
    </Stack>
  );
}

/** Rather than scrolled, which a keyboard could not. */
const WRAPPED = { whiteSpace: "pre-wrap", overflowWrap: "anywhere" } as const;

const WORDS = { pending: "waiting", delivered: "delivered", failed: "given up" } as const;

function Line({ delivery, path }: { delivery: Delivery; path: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const outcome = delivery.last_status === null ? (delivery.last_error ?? "") : `answered ${delivery.last_status}`;
  return (
    <>
      <UnstyledButton className={classes["head"] ?? ""} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <span className={classes["log"]}>
          {delivery.event_type} {delivery.object}
        </span>
        <span className={classes["meta"]}>
          <Badge variant="outline" color="gray" tt="none" size="sm">
            {WORDS[delivery.state]}
          </Badge>{" "}
          {outcome}
        </span>
        <span className={classes["meta"]}>
          <RelativeTime at={delivery.created_at} />
        </span>
      </UnstyledButton>
      {isOpen && (
        <div className={classes["detail"]}>
          <DeliveryDetail path={`${path}${delivery.id}/`} listPath={path} />
        </div>
      )}
    </>
  );
}

function DeliveryDetail({ path, listPath }: { path: string; listPath: string }) {
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ["delivery", path],
    queryFn: ({ signal }) => api.get<Detail>(path, { signal }),
  });
  const again = useMutation({
    mutationFn: () => api.post(`${path}redeliver/`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["deliveries", listPath] });
      notifyDone("It is sent again.");
    },
    onError: (failure) => notifyError(failure, "It was not sent again"),
  });
  if (error) return <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>;
  if (!data) return <Skeleton height={60} />;
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600}>
        Sent
      </Text>
      <Code block style={WRAPPED}>
        {data.body}
      </Code>
      {data.tries.map((attempt) => (
        <div key={attempt.number}>
          <Text size="sm">
            Attempt {attempt.number}, <RelativeTime at={attempt.at} />, {attempt.duration_ms} ms:{" "}
            {attempt.status === null ? attempt.error : `answered ${attempt.status}`}
          </Text>
          {attempt.response_body && (
            <Code block style={WRAPPED}>
              {attempt.response_body}
            </Code>
          )}
        </div>
      ))}
      <Group>
        <Button variant="default" size="xs" loading={again.isPending} onClick={() => again.mutate()}>
          Send it again
        </Button>
      </Group>
    </Stack>
  );
}
