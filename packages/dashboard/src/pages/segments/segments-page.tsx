import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function SegmentsPage() {
  return (
    <>
      <PageHeader title="Segments" description="Named sets of users, described by rules." />
      <EmptyState title="No segments yet">
        A segment is everyone for whom its rules hold, such as “plan is pro” or “10 % of everyone”.
      </EmptyState>
    </>
  );
}
