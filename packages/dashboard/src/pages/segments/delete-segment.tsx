import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { type Segment, whereUsedQuery } from "./segment-queries.ts";

export interface DeleteSegmentProps {
  readonly projectId: number;
  readonly segment: Segment;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** Names the overrides that go with it. */
export function DeleteSegment({ projectId, segment, opened, onClose, onDeleted }: DeleteSegmentProps) {
  const client = useQueryClient();
  const { data } = useQuery({ ...whereUsedQuery(projectId, segment.id), enabled: opened });
  const overrides = (data?.results ?? []).map(
    ({ feature, environment }) => `its override of ${feature.name} in ${environment.name}`,
  );
  const shown = overrides.slice(0, 8);
  const rest = overrides.length - shown.length;
  return (
    <ConfirmDanger
      opened={opened}
      onClose={onClose}
      title={`Delete the segment ${segment.name}?`}
      confirmLabel="Delete segment"
      destroys={["the segment and its rules", ...shown, ...(rest > 0 ? [`and ${rest} more overrides`] : [])]}
      onConfirm={async () => {
        await api.delete(apiPath`/projects/${projectId}/segments/${segment.id}/`);
        await client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
        notifyDone(`Deleted ${segment.name}. The audit log can bring it back.`);
        onDeleted();
      }}
    />
  );
}
