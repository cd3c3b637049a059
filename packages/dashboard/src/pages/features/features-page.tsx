import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function FeaturesPage() {
  return (
    <>
      <PageHeader title="Features" description="What can be on or off here, and what it carries." />
      <EmptyState title="No features yet">
        A feature is the thing that you switch: a new page, a price, a limit. Your application asks for it by name.
      </EmptyState>
    </>
  );
}
