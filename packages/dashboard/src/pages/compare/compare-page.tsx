import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function ComparePage() {
  return (
    <>
      <PageHeader title="Compare" description="This environment beside another." />
      <EmptyState title="Nothing to compare">Choose another environment to see where the two differ.</EmptyState>
    </>
  );
}
