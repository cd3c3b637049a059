import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function ProjectSettingsPage() {
  return (
    <>
      <PageHeader title="Project settings" description="What all environments of this project share." />
      <EmptyState title="Nothing to show">Its name, its rules for names and its limits belong here.</EmptyState>
    </>
  );
}
