import { getRouteApi } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}");

export function FeaturePage() {
  const { featureId } = route.useParams();
  return (
    <>
      <PageHeader
        title={`Feature ${featureId}`}
        description="What it is in this environment, for whom, and since when."
      />
      <EmptyState title="Nothing to show">Its value, its variants and its overrides belong here.</EmptyState>
    </>
  );
}
