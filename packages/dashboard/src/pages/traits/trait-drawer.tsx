/** One trait: its facts, its commonest values, what people wrote of it, and its end. */
import { Button, Checkbox, Drawer, Group, Progress, Skeleton, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, fieldError, messageOf } from "../../api/errors.ts";
import { patchSeen } from "../../api/patch-seen.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { ProgressJob } from "../../components/progress-job.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { valueInOneLine } from "../../components/value-format.ts";
import { DeleteTrait } from "./delete-trait.tsx";
import { type CatalogueTrait, catalogueKey, commonValuesQuery, traitPath, traitQuery } from "./trait-queries.ts";
import classes from "./traits.module.css";

export interface TraitDrawerProps {
  readonly projectId: number;
  readonly environmentKey: string;
  /** undefined = closed. */
  readonly traitKey: string | undefined;
  readonly onClose: () => void;
}

export function TraitDrawer({ traitKey, onClose, ...place }: TraitDrawerProps) {
  return (
    <Drawer opened={traitKey !== undefined} onClose={onClose} position="right" size="lg" title={traitKey}>
      {traitKey !== undefined && <Body key={traitKey} traitKey={traitKey} {...place} />}
    </Drawer>
  );
}

interface BodyProps {
  readonly projectId: number;
  readonly environmentKey: string;
  readonly traitKey: string;
}

function Body({ projectId, environmentKey, traitKey }: BodyProps) {
  const { data, error, refetch } = useQuery(traitQuery(environmentKey, traitKey));
  const [jobId, setJobId] = useState<string>();
  const [isDeleting, setIsDeleting] = useState(false);
  const may = usePermissions(environmentKey).may("MANAGE_TRAITS", "MANAGE_IDENTITIES");
  if (jobId !== undefined) {
    return <ProgressJob environmentKey={environmentKey} jobId={jobId} title={`Taking ${traitKey} from everybody`} />;
  }
  if (error instanceof ApiError && error.status === 404) return <Text>No identity has this trait any more.</Text>;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={240} />;
  return (
    <Stack gap="lg">
      <Facts trait={data} projectId={projectId} environmentKey={environmentKey} />
      <CommonValues trait={data} environmentKey={environmentKey} />
      <Notes trait={data} environmentKey={environmentKey} />
      <Group>
        <GatedButton may={may} variant="default" c="var(--mantine-color-error)" onClick={() => setIsDeleting(true)}>
          Delete from everybody
        </GatedButton>
      </Group>
      <DeleteTrait
        environmentKey={environmentKey}
        trait={data}
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        onStarted={setJobId}
      />
    </Stack>
  );
}

const numbers = new Intl.NumberFormat();

function Facts({ trait, projectId, environmentKey }: Omit<BodyProps, "traitKey"> & { trait: CatalogueTrait }) {
  return (
    <dl className={classes["facts"]}>
      <dt>Identities</dt>
      <dd>
        <Link
          to="/projects/$projectId/environments/$environmentKey/identities"
          params={{ projectId, environmentKey }}
          search={{ q: `has(${/^[\w.]+$/.test(trait.key) ? trait.key : JSON.stringify(trait.key)})` }}
        >
          {numbers.format(trait.count)}
        </Link>
      </dd>
      <dt>Types</dt>
      <dd>{trait.types.map(({ type, count }) => `${type} (${numbers.format(count)})`).join(", ")}</dd>
      <dt>First seen</dt>
      <dd>
        <RelativeTime at={trait.first_seen} never="not known" />
      </dd>
      <dt>Last written</dt>
      <dd>
        <RelativeTime at={trait.last_seen} never="not known" />
      </dd>
      <dt>Segments</dt>
      <dd>
        {trait.segments.length === 0 && "none ask for it"}
        {trait.segments.map(({ id, name }, index) => (
          <span key={id}>
            {index > 0 && ", "}
            <Link
              to="/projects/$projectId/environments/$environmentKey/segments/$segmentId"
              params={{ projectId, environmentKey, segmentId: String(id) }}
            >
              {name}
            </Link>
          </span>
        ))}
      </dd>
    </dl>
  );
}

/** The server counts up to here. */
const COUNTED_TO = 1000;

function CommonValues({ trait, environmentKey }: { trait: CatalogueTrait; environmentKey: string }) {
  const { data, error } = useQuery({ ...commonValuesQuery(environmentKey, trait.key), enabled: !trait.is_personal });
  if (trait.is_personal) return <Text c="dimmed">Its values are personal data and are not listed.</Text>;
  if (error) return <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>;
  if (!data) return <Skeleton height={80} />;
  const most = Math.max(1, ...data.results.map(({ count }) => count));
  return (
    <section aria-label="Common values">
      <Text fw={600} mb={4}>
        Common values
      </Text>
      <ul className={classes["bars"]}>
        {data.results.map(({ value, count }) => (
          <li key={`${typeof value}${value}`}>
            <code style={{ overflowWrap: "anywhere" }}>{valueInOneLine(value, 60)}</code>
            <Progress value={(100 * count) / most} aria-hidden />
            <span>{count >= COUNTED_TO ? `${numbers.format(COUNTED_TO)} or more` : numbers.format(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Notes({ trait, environmentKey }: { trait: CatalogueTrait; environmentKey: string }) {
  const client = useQueryClient();
  const may = usePermissions(environmentKey).may("MANAGE_TRAITS", "MANAGE_IDENTITIES");
  const [seen, setSeen] = useState(trait);
  const [description, setDescription] = useState(trait.description ?? "");
  const [isPersonal, setIsPersonal] = useState(trait.is_personal);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      patchSeen(traitPath(environmentKey, trait.key), seen, {
        description: description || null,
        is_personal: isPersonal,
      }),
    onSuccess: async (saved) => {
      setSeen(saved);
      await client.invalidateQueries({ queryKey: catalogueKey(environmentKey) });
      notifyDone(`Saved what is known of ${trait.key}.`);
    },
  });
  const isChanged = description !== (trait.description ?? "") || isPersonal !== trait.is_personal;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="sm">
        <FormProblem error={error} fields={["description", "is_personal"]} />
        <Textarea
          label="Description"
          description="What it means and who sends it."
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(error, "description")}
          autosize
          minRows={2}
          readOnly={!may.isAllowed}
        />
        <Checkbox
          label="Personal data"
          description="Its values are then not shown as examples."
          checked={isPersonal}
          onChange={(event) => setIsPersonal(event.currentTarget.checked)}
          disabled={!may.isAllowed}
        />
        <Group>
          <GatedButton may={may} type="submit" loading={isPending} disabled={!isChanged}>
            Save
          </GatedButton>
          {isChanged && (
            <Button
              variant="default"
              onClick={() => {
                setDescription(trait.description ?? "");
                setIsPersonal(trait.is_personal);
              }}
            >
              Reset
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
