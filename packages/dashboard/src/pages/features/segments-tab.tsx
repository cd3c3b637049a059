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
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ActionIcon, Badge, Group, Select, Stack, Switch, Text } from "@mantine/core";
import { IconGripVertical, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type May, usePermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { SourceBadge } from "../../components/source.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import {
  allSegmentsQuery,
  optionsQuery,
  removeSegmentOverride,
  type SegmentOverride,
  servedValue,
  writtenValue,
} from "./feature-queries.ts";
import classes from "./features.module.css";
import { OverrideForm } from "./override-form.tsx";
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
  const add = useMutation({
    mutationFn: (id: number) =>
      write.save(flag, {
        segment_overrides: [
          {
            segment: { id },
            enabled: !flag.environment_default.enabled,
            value: writtenValue(servedValue(flag.environment_default.value)),
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
                <OverrideRow
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

interface RowProps extends TabProps {
  readonly override: SegmentOverride;
  readonly index: number;
  readonly name: string;
  readonly may: May;
}

function OverrideRow(props: RowProps) {
  const { feature, flag, environment, projectId, write, override, index, name, may } = props;
  const { attributes, listeners, setNodeRef, transform, transition } = useSortable({ id: override.segment.id });
  const [isEditing, setIsEditing] = useState(false);
  const [isRemoving, setIsRemoving] = useState(false);
  const { data: options = [] } = useQuery(optionsQuery(projectId, feature.id));
  const id = override.segment.id;
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => write.save(flag, { segment_overrides: [{ segment: { id }, enabled }] }),
    onSuccess: (saved, enabled) =>
      saved && notifyDone(`${feature.name} is ${enabled ? "on" : "off"} for ${name} in ${environment.name}.`),
    onError: (error) => notifyError(error),
  });
  const isOn = toggle.isPending ? toggle.variables : override.enabled;
  const shares = override.variants.filter(({ weight }) => weight > 0);
  return (
    <li ref={setNodeRef} style={{ transform: CSS.Transform.toString(transform), transition }}>
      <div className={classes["line"]}>
        {may.isAllowed && (
          <button
            type="button"
            className={classes["handle"]}
            {...attributes}
            {...listeners}
            aria-label={`Move ${name}, number ${index + 1}`}
          >
            <IconGripVertical size={16} aria-hidden />
          </button>
        )}
        <Badge variant="default" circle>
          {index + 1}
        </Badge>
        <SourceBadge source="segment" />
        <span className={classes["grow"]}>
          <Link
            to="/projects/$projectId/environments/$environmentKey/segments/$segmentId"
            params={{ projectId, environmentKey: environment.api_key, segmentId: String(id) }}
          >
            {name}
          </Link>
        </span>
        <ValueText value={servedValue(override.value)} longest={32} />
        {shares.length > 0 && options.length > 0 && (
          <Text size="sm" c="dimmed">
            {shares
              .map(
                ({ id: option, weight }) => `${options.find((one) => one.id === option)?.key ?? "variant"} ${weight} %`,
              )
              .join(", ")}
          </Text>
        )}
        <Switch
          checked={isOn}
          onChange={(event) => toggle.mutate(event.currentTarget.checked)}
          disabled={!may.isAllowed}
          aria-label={`${feature.name} for ${name}`}
        />
        {may.isAllowed && (
          <>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Edit the value for ${name}`}
              aria-expanded={isEditing}
              onClick={() => setIsEditing(!isEditing)}
            >
              <IconPencil size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove the override for ${name}`}
              onClick={() => setIsRemoving(true)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </>
        )}
      </div>
      {isEditing && <OverrideForm {...props} options={options} onDone={() => setIsEditing(false)} />}
      <ConfirmDanger
        opened={isRemoving}
        onClose={() => setIsRemoving(false)}
        title={`Remove the override of ${feature.name} for ${name}?`}
        confirmLabel="Remove override"
        destroys={[`what members of ${name} get in ${environment.name}: they get what everybody else gets`]}
        production={environmentLook(environment).isProduction ? environment.name : undefined}
        onConfirm={async () => {
          const saved = await removeSegmentOverride(environment.api_key, feature.id, id);
          write.accept(saved);
          notifyDone(`Removed the override for ${name}.`);
        }}
      />
    </li>
  );
}
