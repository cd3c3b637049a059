import { Badge, MultiSelect } from "@mantine/core";
import type { Tag } from "./feature-queries.ts";

/** The colour is people's own choice: it frames, the text stays readable. */
export function TagBadge({ tag }: { tag: Tag }) {
  return (
    <Badge variant="default" tt="none" fw={500} leftSection={<Dot colour={tag.color} />}>
      {tag.label}
    </Badge>
  );
}

const Dot = ({ colour }: { colour: string }) => (
  <svg width={8} height={8} style={{ marginRight: 4 }} viewBox="0 0 8 8" aria-hidden>
    <circle cx={4} cy={4} r={4} fill={colour} />
  </svg>
);

export interface TagFilterProps {
  readonly tags: readonly Tag[];
  /** Ids. */
  readonly value: readonly string[];
  readonly onChange: (ids: string[]) => void;
  readonly label?: string;
}

export function TagFilter({ tags, value, onChange, label = "Tags" }: TagFilterProps) {
  if (tags.length === 0) return null;
  return (
    <MultiSelect
      aria-label={label}
      placeholder={value.length === 0 ? label : ""}
      data={tags.map(({ id, label: text }) => ({ value: String(id), label: text }))}
      value={[...value]}
      onChange={onChange}
      clearable
      clearButtonProps={{ "aria-label": "Clear the tags" }}
      w={200}
    />
  );
}
