/** Who may do what at one place: people and groups, in words. What roles give stands with the roles. */
import type { listedGrantSchema, memberSchema } from "@burgee/contract/admin";
import { Button, Checkbox, Group, Modal, Paper, Select, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../api/client.ts";
import { ApiError } from "../api/errors.ts";
import { catalogueOfPermissionsQuery, projectQuery } from "../api/queries.ts";
import { queryKeys } from "../api/query-keys.ts";
import { ConfirmDanger } from "./confirm-danger.tsx";
import { EmptyState } from "./empty-state.tsx";
import { ErrorState } from "./error-state.tsx";
import { FormProblem } from "./form-problem.tsx";
import { LoadingRows } from "./loading.tsx";
import { notifyDone } from "./notify.tsx";

type Grant = z.infer<typeof listedGrantSchema>;
type Member = z.infer<typeof memberSchema>;
interface GroupName {
  readonly id: number;
  readonly name: string;
}

export interface GrantsProps {
  readonly scope: "project" | "environment";
  /** A project's id, an environment's key. */
  readonly id: string | number;
  readonly projectId: number;
  /** For sentences: "Production". */
  readonly place: string;
}

type Kind = "user" | "group";
const TAILS = { user: "user-permissions/", group: "user-group-permissions/" } as const;

const placePath = ({ scope, id }: GrantsProps): string => `${apiPath`/${`${scope}s`}/${id}/`}`;
const subjectOf = (grant: Grant): string => grant.user?.email ?? grant.group?.name ?? "somebody";

export function Grants(props: GrantsProps) {
  const kinds = ["user", "group"] as const;
  return (
    <Stack gap="xl">
      <Text c="dimmed">
        Administrators of the organisation may do everything. Others need what stands here, or a role that gives it.
      </Text>
      {kinds.map((kind) => (
        <GrantList key={kind} {...props} kind={kind} />
      ))}
    </Stack>
  );
}

const grantsKey = ({ scope, id }: GrantsProps, kind: Kind) => ["grants", scope, id, kind] as const;

function GrantList({ kind, ...props }: GrantsProps & { kind: Kind }) {
  const [isAdding, setIsAdding] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: grantsKey(props, kind),
    queryFn: ({ signal }) => api.get<Grant[]>(`${placePath(props)}${TAILS[kind]}`, { signal }),
    retry: false,
  });
  return (
    <section aria-label={kind === "user" ? "People" : "Groups"}>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{kind === "user" ? "People" : "Groups"}</Title>
        {data && (
          <Button variant="default" size="xs" onClick={() => setIsAdding(true)}>
            {kind === "user" ? "Add a person" : "Add a group"}
          </Button>
        )}
      </Group>
      {error instanceof ApiError && error.status === 403 ? (
        <EmptyState isSmall title="Not yours to see">
          Only an administrator of {props.place} may see who may do what in it.
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={2} />
      ) : data.length === 0 ? (
        <EmptyState isSmall title={kind === "user" ? "Nobody by themselves" : "No group"}>
          {`Nobody has been given anything in ${props.place} ${kind === "user" ? "by name" : "as a group"}.`}
        </EmptyState>
      ) : (
        <Stack gap="sm">
          {data.map((grant) => (
            <GrantLine key={grant.id} {...props} kind={kind} grant={grant} />
          ))}
        </Stack>
      )}
      <Modal
        opened={isAdding}
        onClose={() => setIsAdding(false)}
        title={kind === "user" ? `A person in ${props.place}` : `A group in ${props.place}`}
        size="lg"
      >
        {isAdding && <GrantForm {...props} kind={kind} grant={undefined} onDone={() => setIsAdding(false)} />}
      </Modal>
    </section>
  );
}

function GrantLine({ kind, grant, ...props }: GrantsProps & { kind: Kind; grant: Grant }) {
  const client = useQueryClient();
  const [isEditing, setIsEditing] = useState(false);
  const [isRemoving, setIsRemoving] = useState(false);
  const { data: catalogue = [] } = useQuery(catalogueOfPermissionsQuery(props.scope));
  const name = subjectOf(grant);
  const words = catalogue.filter(({ key }) => grant.permissions.includes(key)).map(({ description }) => description);
  return (
    <Paper px="md" py="sm">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ flex: "1 1 16rem", minWidth: 0 }}>
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {name}
          </Text>
          <Text size="sm" c="dimmed">
            {grant.admin ? "May do everything here." : words.join(" ") || "May do nothing here."}
          </Text>
        </div>
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={() => setIsEditing(true)} aria-label={`Change ${name}`}>
            Change
          </Button>
          <Button variant="default" size="xs" onClick={() => setIsRemoving(true)} aria-label={`Remove ${name}`}>
            Remove
          </Button>
        </Group>
      </Group>
      <Modal opened={isEditing} onClose={() => setIsEditing(false)} title={`${name} in ${props.place}`} size="lg">
        {isEditing && <GrantForm {...props} kind={kind} grant={grant} onDone={() => setIsEditing(false)} />}
      </Modal>
      <ConfirmDanger
        opened={isRemoving}
        onClose={() => setIsRemoving(false)}
        title={`Take everything in ${props.place} from ${name}?`}
        confirmLabel="Remove"
        destroys={["what they were given here; what a group or a role gives them stays"]}
        onConfirm={async () => {
          await api.delete(`${placePath(props)}${TAILS[kind]}${grant.id}/`);
          await client.invalidateQueries({ queryKey: grantsKey(props, kind) });
          notifyDone(`${name} has nothing of their own in ${props.place} any more.`);
        }}
      />
    </Paper>
  );
}

interface GrantFormProps extends GrantsProps {
  readonly kind: Kind;
  readonly grant: Grant | undefined;
  readonly onDone: () => void;
}

function useSubjects(kind: Kind, projectId: number) {
  const { data: project } = useQuery(projectQuery(projectId));
  const organisation = project?.organisation ?? 0;
  return useQuery({
    queryKey: [...queryKeys.organisation(organisation), "grant-subjects", kind],
    queryFn: async ({ signal }) => {
      const path = apiPath`/organisations/${organisation}/`;
      if (kind === "user") {
        const people = await api.get<Member[]>(`${path}users/`, { signal });
        return people.map(({ id, email }) => ({ value: String(id), label: email }));
      }
      const groups = await api.get<GroupName[]>(`${path}groups/summaries/`, { signal });
      return groups.map(({ id, name }) => ({ value: String(id), label: name }));
    },
    enabled: organisation > 0,
  });
}

function GrantForm({ kind, grant, onDone, ...props }: GrantFormProps) {
  const client = useQueryClient();
  const { data: catalogue = [] } = useQuery(catalogueOfPermissionsQuery(props.scope));
  const { data: subjects = [] } = useSubjects(kind, props.projectId);
  const [subject, setSubject] = useState<string | null>(null);
  const [isAdmin, setIsAdmin] = useState(grant?.admin ?? false);
  const [held, setHeld] = useState<readonly string[]>(grant?.permissions ?? []);
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const path = `${placePath(props)}${TAILS[kind]}`;
      const body = { permissions: held, admin: isAdmin };
      if (grant) await api.patch(`${path}${grant.id}/`, body);
      else await api.post(path, { ...body, [kind]: Number(subject) });
      await client.invalidateQueries({ queryKey: grantsKey(props, kind) });
    },
    onSuccess: () => {
      notifyDone("Saved who may do what.");
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={[]} />
        {!grant && (
          <Select
            label={kind === "user" ? "Who" : "Which group"}
            data={subjects}
            value={subject}
            onChange={setSubject}
            searchable
            required
            data-autofocus
          />
        )}
        <Checkbox
          label="Everything here (administrator)"
          checked={isAdmin}
          onChange={(event) => setIsAdmin(event.currentTarget.checked)}
        />
        <Checkbox.Group label="Or only" value={[...held]} onChange={setHeld}>
          <Stack gap="xs" mt={4}>
            {catalogue.map(({ key, description }) => (
              <Checkbox key={key} value={key} label={description} disabled={isAdmin} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending} disabled={!grant && subject === null}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
