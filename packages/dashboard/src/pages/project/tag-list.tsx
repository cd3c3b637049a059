import type { tagSchema } from "@burgee/contract/admin";
import { ActionIcon, Button, ColorInput, Group, Modal, Paper, Stack, Text, TextInput } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Paged } from "../../api/types.ts";
import { useProjectPermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { ManagedList } from "../../components/managed-list.tsx";
import { notifyDone } from "../../components/notify.tsx";

type Tag = z.infer<typeof tagSchema>;

const tagsPath = (projectId: number): string => apiPath`/projects/${projectId}/tags/`;

export function TagList({ projectId }: { projectId: number }) {
  const may = useProjectPermissions(projectId).may("MANAGE_TAGS");
  const query = useQuery({
    queryKey: [...queryKeys.project(projectId), "tags", "list"],
    queryFn: async ({ signal }) =>
      (await api.get<Paged<Tag>>(tagsPath(projectId), { signal, query: { page_size: 999 } })).results,
  });
  return (
    <div style={{ maxWidth: 640 }}>
      <ManagedList
        purpose="Tags gather features: by team, by release, by topic."
        query={query}
        may={may}
        noun="tag"
        empty={{ title: "No tags yet", text: "Make one, and give it to features on their pages or in the list." }}
        form={(onDone) => <TagForm projectId={projectId} tag={undefined} onDone={onDone} />}
      >
        {(tag) => <TagLine tag={tag} projectId={projectId} isReadOnly={!may.isAllowed} />}
      </ManagedList>
    </div>
  );
}

function TagLine({ tag, projectId, isReadOnly }: { tag: Tag; projectId: number; isReadOnly: boolean }) {
  const client = useQueryClient();
  const [isEditing, setIsEditing] = useState(false);
  const [isDeleting, setIsDeleting] = useState(false);
  return (
    <Paper px="md" py="sm">
      <Group justify="space-between" wrap="nowrap">
        <Group gap="sm" wrap="nowrap">
          <svg width={14} height={14} viewBox="0 0 14 14" aria-hidden>
            <circle cx={7} cy={7} r={7} fill={tag.color} />
          </svg>
          <div>
            <Text fw={600}>{tag.label}</Text>
            {tag.description && (
              <Text size="sm" c="dimmed">
                {tag.description}
              </Text>
            )}
          </div>
        </Group>
        {!isReadOnly && !tag.is_system_tag && (
          <Group gap={4} wrap="nowrap">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Edit ${tag.label}`}
              onClick={() => setIsEditing(true)}
            >
              <IconPencil size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Delete ${tag.label}`}
              onClick={() => setIsDeleting(true)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        )}
      </Group>
      <Modal opened={isEditing} onClose={() => setIsEditing(false)} title={`Tag ${tag.label}`}>
        {isEditing && <TagForm projectId={projectId} tag={tag} onDone={() => setIsEditing(false)} />}
      </Modal>
      <ConfirmDanger
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={`Delete the tag ${tag.label}?`}
        confirmLabel="Delete tag"
        destroys={["the tag; the features that have it stay"]}
        onConfirm={async () => {
          await api.delete(`${tagsPath(projectId)}${tag.id}/`);
          await client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
          notifyDone(`Deleted ${tag.label}.`);
        }}
      />
    </Paper>
  );
}

function TagForm({ projectId, tag, onDone }: { projectId: number; tag: Tag | undefined; onDone: () => void }) {
  const client = useQueryClient();
  const [label, setLabel] = useState(tag?.label ?? "");
  const [color, setColor] = useState(tag?.color ?? "#1556C4");
  const [description, setDescription] = useState(tag?.description ?? "");
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const body = { label: label.trim(), color, description: description.trim() || null };
      if (tag) await api.put(`${tagsPath(projectId)}${tag.id}/`, body);
      else await api.post(tagsPath(projectId), body);
      await client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
    },
    onSuccess: onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["label", "color", "description"]} />
        <TextInput
          label="Tag"
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          error={fieldError(error, "label")}
          required
          data-autofocus
        />
        <ColorInput
          label="Colour"
          value={color}
          onChange={setColor}
          error={fieldError(error, "color")}
          eyeDropperButtonProps={{ "aria-label": "Pick a colour from the screen" }}
        />
        <TextInput
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(error, "description")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending}>
            Save tag
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
