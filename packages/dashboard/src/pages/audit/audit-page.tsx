import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function AuditPage() {
  return (
    <>
      <PageHeader title="Audit" description="Who changed what, when, and what it was before." />
      <EmptyState title="No changes yet">Every change of a feature, a segment or a setting is kept here.</EmptyState>
    </>
  );
}
