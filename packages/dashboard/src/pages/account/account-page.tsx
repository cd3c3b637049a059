import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";

export function AccountPage() {
  return (
    <>
      <PageHeader title="Your account" description="Your name, your password, your second factor." />
      <EmptyState title="Nothing to show">
        Your name, your password, two-factor authentication and passkeys belong here.
      </EmptyState>
    </>
  );
}
