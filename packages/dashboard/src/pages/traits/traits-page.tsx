import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function TraitsPage() {
  return (
    <>
      <PageHeader title="Traits" description="What your application says of its users." />
      <EmptyState title="No traits yet">
        A trait is a named fact about a user, such as plan = “pro”. Traits appear here as your application sends them.
      </EmptyState>
    </>
  );
}
