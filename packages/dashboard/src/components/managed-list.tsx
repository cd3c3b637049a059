/** A short list that is looked after by hand: keys, groups, roles, tags, webhooks. With its states, and a form for another one. */
import { Badge, Group, Modal, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { May } from "../api/use-permissions.ts";
import { EmptyState } from "./empty-state.tsx";
import { ErrorState } from "./error-state.tsx";
import { GatedButton } from "./gated-button.tsx";
import { LoadingRows } from "./loading.tsx";

export interface ManagedListProps<T extends { readonly id: string | number }> {
  /** Where the page's tab does not say it already. */
  readonly title?: string;
  /** What these are for, in one line. */
  readonly purpose: string;
  readonly query: {
    readonly data: readonly T[] | undefined;
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
  /** To make one. */
  readonly may: May;
  /** Whoever may not make one may not see them either. */
  readonly isHiddenWithout?: boolean;
  /** "key": on the button and above the form. */
  readonly noun: string;
  readonly empty: { readonly title: string; readonly text: string };
  readonly form: (onDone: () => void) => ReactNode;
  readonly formSize?: "md" | "lg";
  readonly children: (item: T) => ReactNode;
}

export function ManagedList<T extends { readonly id: string | number }>(props: ManagedListProps<T>) {
  const { title, purpose, may, isHiddenWithout = false, noun, form, formSize = "md" } = props;
  const [isMaking, setIsMaking] = useState(false);
  const done = () => setIsMaking(false);
  return (
    <Stack gap="md" component="section" aria-label={title}>
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 14rem" }}>
          {title !== undefined && <Title order={2}>{title}</Title>}
          <Text c="dimmed">{purpose}</Text>
        </div>
        <GatedButton may={may} onClick={() => setIsMaking(true)}>
          New {noun}
        </GatedButton>
      </Group>
      {isHiddenWithout && !may.isAllowed ? <Hidden may={may} /> : <Items {...props} />}
      <Modal opened={isMaking} onClose={done} title={`New ${noun}`} size={formSize}>
        {isMaking && form(done)}
      </Modal>
    </Stack>
  );
}

/** Instead of what one may not see; nothing while that is not known. */
function Hidden({ may }: { may: May }) {
  if (may.reason === undefined) return <LoadingRows rows={2} />;
  return (
    <EmptyState title="Not yours to see" isSmall>
      {may.reason}
    </EmptyState>
  );
}

function Items<T extends { readonly id: string | number }>({ query, empty, children }: ManagedListProps<T>) {
  const { data, error, refetch } = query;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingRows rows={2} />;
  if (data.length === 0) return <EmptyState title={empty.title}>{empty.text}</EmptyState>;
  return (
    <Stack gap="sm">
      {data.map((item) => (
        <div key={item.id}>{children(item)}</div>
      ))}
    </Stack>
  );
}

export interface ManagedLineProps {
  readonly name: string;
  /** A word or two each, beside the name. */
  readonly badges?: readonly (string | false | undefined)[];
  /** Under the name. */
  readonly facts: ReactNode;
  readonly actions: ReactNode;
  /** Its dialogs. */
  readonly children?: ReactNode;
}

/** One of them. */
export function ManagedLine({ name, badges = [], facts, actions, children }: ManagedLineProps) {
  return (
    <Paper px="md" py="sm">
      <Group justify="space-between" gap="sm">
        <div style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {name}
            </Text>
            {badges.map(
              (words) =>
                words && (
                  <Badge key={words} variant="outline" color="gray" tt="none">
                    {words}
                  </Badge>
                ),
            )}
          </Group>
          <Text size="sm" c="dimmed" component="div" style={{ overflowWrap: "anywhere" }}>
            {facts}
          </Text>
        </div>
        <Group gap="sm">{actions}</Group>
      </Group>
      {children}
    </Paper>
  );
}
