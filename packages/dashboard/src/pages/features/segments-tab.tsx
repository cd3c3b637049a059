/** What segments get instead. The first that somebody is in decides: the order is changed by dragging or by keyboard. */
import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { Group, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePermissions } from "../../api/use-permissions.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { allSegmentsQuery, type SegmentOverride, servedValue, writtenValue } from "./feature-queries.ts";
import classes from "./features.module.css";
import { SegmentOverrideRow } from "./segment-override-row.tsx";
import type { TabProps } from "./tab-props.ts";

const inOrder = (overrides: readonly SegmentOverride[]): SegmentOverride[] =>
  [...overrides].sort((a, b) => a.priority - b.priority);

export function SegmentsTab(props: TabProps) {
  const { feature, flag, environment, projectId, write } = props;
  const { data: segments = [] } = useQuery(allSegmentsQuery(projectId));
  const may = usePermissions(environment.api_key).may("MANAGE_SEGMENT_OVERRIDES");
  const [chosen, setChosen] = useState<string | null>(null);
  const overrides = inOrder(flag.segment_overrides);
  const names = new Map(segments.map(({ id, name }) => [id, name]));
  const isTaken = new Set(overrides.map(({ segment }) => segment.id));
  const free = segments.filter(({ id, feature: own }) => !isTaken.has(id) && (own === null || own === feature.id));
  const order = useMutation({
    mutationFn: (ids: readonly number[]) =>
      write.save(flag, { segment_overrides: ids.map((id, priority) => ({ segment: { id }, priority })) }),
    onError: (error) => notifyError(error, "The order was not changed"),
  });
  const shares = flag.environment_default.variants.map(({ id, weight }) => ({ id, weight }));
  const add = useMutation({
    mutationFn: (id: number) =>
      write.save(flag, {
        segment_overrides: [
          {
            segment: { id },
            enabled: !flag.environment_default.enabled,
            value: writtenValue(servedValue(flag.environment_default.value)),
            ...(shares.length > 0 && { variants: shares }),
          },
        ],
      }),
    onSuccess: (saved, id) => {
      setChosen(null);
      if (saved) notifyDone(`${names.get(id)} has an override in ${environment.name}.`);
    },
    onError: (error) => notifyError(error, "It could not be added"),
  });
  const shown = order.isPending
    ? order.variables.flatMap((id) => overrides.find(({ segment }) => segment.id === id) ?? [])
    : overrides;
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const drop = ({ active, over }: DragEndEvent) => {
    if (!over || active.id === over.id) return;
    const ids = shown.map(({ segment }) => segment.id);
    order.mutate(arrayMove(ids, ids.indexOf(Number(active.id)), ids.indexOf(Number(over.id))));
  };
  return (
    <Stack gap="md">
      <Text c="dimmed">
        The first segment that somebody is in decides. Drag to reorder, or focus a handle and use space and the arrows.
      </Text>
      {shown.length === 0 ? (
        <EmptyState title="No segment gets anything else">
          Choose a segment below, and give its members another value in {environment.name}.
        </EmptyState>
      ) : (
        <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop}>
          <SortableContext
            items={shown.map(({ segment }) => segment.id)}
            strategy={verticalListSortingStrategy}
            disabled={!may.isAllowed}
          >
            <ol className={classes["rows"]} aria-label="Segment overrides, the strongest first">
              {shown.map((override, index) => (
                <SegmentOverrideRow
                  key={override.segment.id}
                  {...props}
                  override={override}
                  index={index}
                  name={names.get(override.segment.id) ?? `segment ${override.segment.id}`}
                  may={may}
                />
              ))}
            </ol>
          </SortableContext>
        </DndContext>
      )}
      <Group align="flex-end" gap="sm">
        <Select
          label="Add a segment"
          placeholder={free.length === 0 ? "every segment is here already" : "choose a segment"}
          data={free.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={chosen}
          onChange={setChosen}
          searchable
          disabled={!may.isAllowed || free.length === 0}
          w={320}
        />
        <GatedButton
          may={may}
          variant="default"
          disabled={chosen === null}
          loading={add.isPending}
          onClick={() => chosen !== null && add.mutate(Number(chosen))}
        >
          Add override
        </GatedButton>
      </Group>
    </Stack>
  );
}
