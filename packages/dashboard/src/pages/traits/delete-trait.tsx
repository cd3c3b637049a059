import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, apiPath } from "../../api/client.ts";
import { messageOf } from "../../api/errors.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import type { CatalogueTrait, TraitDryRun, TraitJob } from "./trait-queries.ts";

export interface DeleteTraitProps {
  readonly environmentKey: string;
  readonly trait: CatalogueTrait;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** With the job's id. */
  readonly onStarted: (jobId: string) => void;
}

const numbers = new Intl.NumberFormat();

/** Counts first; then a job does it. */
export function DeleteTrait({ environmentKey, trait, opened, onClose, onStarted }: DeleteTraitProps) {
  const path = apiPath`/environments/${environmentKey}/jobs/`;
  const work = { type: "delete_trait", trait_key: trait.key };
  const { data, error } = useQuery({
    queryKey: ["dry-run", environmentKey, work],
    queryFn: ({ signal }) => api.post<TraitDryRun>(path, { ...work, dry_run: true }, { signal }),
    enabled: opened,
    staleTime: 0,
  });
  const count = data?.would_change ?? trait.count;
  const asked = trait.segments.map(({ name }) => `the members of ${name} that are in by this trait`);
  return (
    <ConfirmDanger
      opened={opened}
      onClose={onClose}
      title={`Delete ${trait.key} from everybody?`}
      confirmLabel="Delete trait"
      typed={trait.key}
      destroys={[`its value of ${numbers.format(count)} ${count === 1 ? "identity" : "identities"}`, ...asked]}
      onConfirm={async () => {
        const job = await api.post<TraitJob>(path, work);
        onStarted(job.id);
      }}
    >
      {error ? (
        <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>
      ) : (
        "Applications that send it again bring it back."
      )}
    </ConfirmDanger>
  );
}
