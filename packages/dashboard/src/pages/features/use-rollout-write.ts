/** Beginning, changing and ending a staged rollout. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { notifyDone } from "../../components/notify.tsx";
import {
  allSegmentsQuery,
  patchFlag,
  removeSegmentOverride,
  type Segment,
  servedValue,
  writtenValue,
} from "./feature-queries.ts";
import { type Rollout, rolloutName, rolloutRules, splitOf } from "./rollout.ts";
import type { TabProps } from "./tab-props.ts";

interface RolloutWrite extends TabProps {
  readonly rollout: Rollout | undefined;
  readonly segments: readonly Segment[];
}

interface Wanted {
  readonly percent: number;
  readonly by: string;
  /** The percentage that was shown when this one was chosen. */
  readonly over: number | undefined;
}

export function useRolloutWrite(props: RolloutWrite, onDone: () => void) {
  const { feature, flag, environment, projectId, rollout, segments } = props;
  const client = useQueryClient();
  const { api_key } = environment;
  const segmentPath = (id: number) => apiPath`/projects/${projectId}/segments/${id}/`;
  const stale = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.environment(api_key) }),
      client.invalidateQueries({ queryKey: queryKeys.project(projectId) }),
    ]);

  const begin = async ({ percent, by }: Wanted) => {
    const name = rolloutName(feature.name, environment.name);
    const rules = rolloutRules(percent, by);
    // One that was made, and whose override then failed, is used again.
    const left = segments.find((segment) => segment.feature === feature.id && segment.name === name);
    const { id } = left
      ? await api.patch<Segment>(segmentPath(left.id), { rules })
      : await api.post<Segment>(apiPath`/projects/${projectId}/segments/`, { name, feature: feature.id, rules });
    const { value, variants } = flag.environment_default;
    const shares = variants.map(({ id: variant, weight }) => ({ id: variant, weight }));
    await patchFlag(api_key, feature.id, {
      segment_overrides: [
        {
          segment: { id },
          enabled: true,
          value: writtenValue(servedValue(value)),
          ...(shares.length > 0 && { variants: shares }),
        },
      ],
    });
  };
  const change = async ({ segment, by }: Rollout, { percent, over }: Wanted) => {
    const now = splitOf(await api.get<Segment>(segmentPath(segment.id)));
    if (now?.percent !== over) {
      await client.invalidateQueries({ queryKey: allSegmentsQuery(projectId).queryKey });
      throw new Error("Somebody else has changed the share meanwhile. Nothing of yours has been stored.");
    }
    await api.patch(segmentPath(segment.id), { rules: rolloutRules(percent, by) });
  };
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (wanted: Wanted) => {
      if (rollout) await change(rollout, wanted);
      else await begin(wanted);
      await stale();
    },
    onSuccess: (_nothing, { percent }) => {
      onDone();
      notifyDone(`${feature.name} is on for ${percent} % in ${environment.name}.`);
    },
  });
  const clear = async ({ segment }: Rollout) => {
    await removeSegmentOverride(api_key, feature.id, segment.id);
    // Nothing points to it any more; where it may not be deleted, it harms nobody.
    await api.delete(segmentPath(segment.id)).catch(() => undefined);
    await stale();
  };
  const end = async () => {
    if (!rollout) return;
    await clear(rollout);
    notifyDone(`The rollout of ${feature.name} has ended in ${environment.name}.`);
  };
  /** First for everybody, then without the rollout: nobody who has it is without it in between. */
  const finish = async () => {
    if (!rollout) return;
    const value = writtenValue(servedValue(rollout.override.value));
    await patchFlag(api_key, feature.id, { environment_default: { enabled: true, value } });
    await clear(rollout);
    notifyDone(`${feature.name} is on for everybody in ${environment.name}.`);
  };
  return { mutate, isPending, error, end, finish };
}
