import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function EnvironmentSettingsPage() {
  return (
    <>
      <PageHeader title="Environment settings" description="What holds for this environment alone." />
      <EmptyState title="Nothing to show">Its switches, keys and webhooks belong here.</EmptyState>
    </>
  );
}
