import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function IdentitiesPage() {
  return (
    <>
      <PageHeader title="Identities" description="Find a user, see why, change what they get." />
      <EmptyState title="No user seen yet">
        A user appears here when your application first asks for their flags.
      </EmptyState>
    </>
  );
}
