import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../components/empty-state.tsx";
import { PageHeader } from "../components/page-header.tsx";

export function NotFound() {
  return (
    <>
      <PageHeader title="Not found" />
      <EmptyState
        title="There is no page at this address"
        action={
          <Button component={Link} to="/">
            To the start
          </Button>
        }
      >
        It may have been moved or deleted, or the link is not whole.
      </EmptyState>
    </>
  );
}
