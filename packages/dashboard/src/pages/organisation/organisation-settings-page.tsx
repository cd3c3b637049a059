import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function OrganisationSettingsPage() {
  return (
    <>
      <PageHeader title="Organisation" description="Members, groups, roles and keys." />
      <EmptyState title="Nothing to show">
        Who belongs to the organisation, and what they may do, belongs here.
      </EmptyState>
    </>
  );
}
