import { getRouteApi } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/segments/$segmentId");

export function SegmentPage() {
  const { segmentId } = route.useParams();
  return (
    <>
      <PageHeader
        title={segmentId === "new" ? "New segment" : `Segment ${segmentId}`}
        description="Everyone for whom these rules hold."
      />
      <EmptyState title="Nothing to show">Its rules and its members belong here.</EmptyState>
    </>
  );
}
