import { getRouteApi } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}");

export function IdentityPage() {
  const { identifier } = route.useParams();
  return (
    <>
      <PageHeader title={identifier} description="What this user gets, and why." />
      <EmptyState title="Nothing to show">Every flag with its value and its source belongs here.</EmptyState>
    </>
  );
}
