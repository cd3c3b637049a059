/** Searches that one keeps by name. They live in this browser. */
import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery } from "../../api/queries.ts";
import { isSameView, readViews, type View, viewsKey, withoutView, withView } from "./saved-views.ts";

export interface ViewsMenuProps {
  readonly projectId: number;
  /** What is shown now. */
  readonly current: Omit<View, "name">;
  readonly onOpen: (view: View) => void;
}

function useViews(projectId: number) {
  const { data: me } = useSuspenseQuery(meQuery);
  const key = viewsKey(me.id, projectId);
  const [views, setViews] = useState(() => readViews(localStorage.getItem(key)));
  const keep = (next: View[]) => {
    setViews(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // A full or forbidden store: then they last as long as the page.
    }
  };
  return {
    views,
    save: (view: View) => keep(withView(views, view)),
    drop: (name: string) => keep(withoutView(views, name)),
  };
}

export function ViewsMenu({ projectId, current, onOpen }: ViewsMenuProps) {
  const { views, save, drop } = useViews(projectId);
  const [isOpen, setIsOpen] = useState(false);
  const shown = views.find((view) => isSameView(view, current));
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      position="bottom-end"
      width={320}
      shadow="md"
      middlewares={{ flip: false, shift: true }}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconBookmark size={14} aria-hidden />}
          onClick={() => setIsOpen(!isOpen)}
        >
          {shown ? shown.name : "Saved views"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Saved views">
        <Stack gap="sm">
          {views.length === 0 && (
            <Text size="sm" c="dimmed">
              Keep a search with its order and columns under a name. It stays in this browser.
            </Text>
          )}
          {views.map((view) => (
            <Group key={view.name} justify="space-between" wrap="nowrap" gap="sm">
              <UnstyledButton
                onClick={() => {
                  onOpen(view);
                  setIsOpen(false);
                }}
                aria-current={view === shown}
                style={{ minWidth: 0, flex: 1 }}
              >
                <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                  {view.name}
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {view.q ?? "everybody"}
                </Text>
              </UnstyledButton>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Delete the view ${view.name}`}
                onClick={() => drop(view.name)}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
          {!shown && <SaveView onSave={(name) => save({ ...current, name })} />}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function SaveView({ onSave }: { onSave: (name: string) => void }) {
  const [name, setName] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const trimmed = name.trim();
        if (trimmed === "") return;
        onSave(trimmed);
        setName("");
      }}
    >
      <Group gap={8} wrap="nowrap" align="flex-end">
        <TextInput
          label="Save this view as"
          size="xs"
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Button type="submit" size="xs" disabled={name.trim() === ""}>
          Save
        </Button>
      </Group>
    </form>
  );
}
