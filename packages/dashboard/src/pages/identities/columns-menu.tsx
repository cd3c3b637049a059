import { Button, Checkbox, Popover, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconColumns3 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { catalogueQuery } from "../segments/segment-queries.ts";
import { canBeColumn, FIXED, MOST_COLUMNS, toggled } from "./columns.ts";

export interface ColumnsMenuProps {
  readonly environmentKey: string;
  readonly columns: readonly string[];
  readonly onChange: (columns: readonly string[] | undefined) => void;
}

/** Which traits stand in the list. */
export function ColumnsMenu({ environmentKey, columns, onChange }: ColumnsMenuProps) {
  return (
    <Popover
      position="bottom-end"
      width={300}
      shadow="md"
      middlewares={{ flip: false, shift: true }}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns3 size={14} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <Choice environmentKey={environmentKey} columns={columns} onChange={onChange} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Choice({ environmentKey, columns, onChange }: ColumnsMenuProps) {
  const [q, setQ] = useState("");
  const [asked] = useDebouncedValue(q, 150);
  const { data, error } = useQuery({ ...catalogueQuery(environmentKey, asked), retry: false });
  const known = (data?.results ?? []).map(({ key }) => key).filter(canBeColumn);
  const chosen = columns.filter((id) => !id.startsWith("."));
  const listed = q === "" ? [...new Set([...chosen, ...known])] : known;
  const box = (id: string, label: string) => (
    <Checkbox
      key={id}
      label={label}
      checked={columns.includes(id)}
      disabled={columns.length >= MOST_COLUMNS && !columns.includes(id)}
      onChange={() => {
        const next = toggled(columns, id);
        onChange(next.length === 0 ? undefined : next);
      }}
      styles={{ label: { overflowWrap: "anywhere" } }}
    />
  );
  return (
    <Stack gap="sm">
      {FIXED.map(({ id, header }) => box(id, header))}
      <Text fw={600} mt={4}>
        Traits
      </Text>
      <TextInput
        aria-label="Search traits for a column"
        placeholder="Search traits"
        value={q}
        onChange={(event) => setQ(event.currentTarget.value)}
        size="xs"
      />
      {error ? (
        <Text c="dimmed" size="sm">
          You may not see traits here.
        </Text>
      ) : (
        <ScrollArea.Autosize
          mah={220}
          type="auto"
          viewportProps={{ tabIndex: 0, "aria-label": "Traits", role: "group" }}
        >
          <Stack gap={8}>{listed.map((key) => box(key, key))}</Stack>
        </ScrollArea.Autosize>
      )}
      <Button variant="default" size="xs" onClick={() => onChange(undefined)}>
        As at first
      </Button>
    </Stack>
  );
}
