import { useSuspenseQuery } from "@tanstack/react-query";
import { meQuery } from "../../api/queries.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { ProjectForm } from "./project-form.tsx";

export function NewProjectPage() {
  const { data: me } = useSuspenseQuery(meQuery);
  return (
    <>
      <PageHeader
        title="New project"
        description="One product, with features and segments that its environments share."
      />
      <ProjectForm organisations={me.organisations.map(({ organisation }) => organisation)} />
    </>
  );
}
