import { useSuspenseQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { meQuery, projectsQuery } from "../../api/queries.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { lastPlace } from "../../frame/last-place.ts";
import { ProjectForm } from "./project-form.tsx";

/** On to where one last worked; without any project, to the first one. */
export function HomePage() {
  const { data: me } = useSuspenseQuery(meQuery);
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const last = lastPlace();
  const project = projects.find(({ id }) => id === last?.projectId) ?? projects[0];
  if (project) return <Navigate to="/projects/$projectId" params={{ projectId: project.id }} replace />;
  return (
    <>
      <PageHeader
        title="Your first project"
        description="There is no project that you may see yet. Make one, or ask an administrator to let you into one."
      />
      <ProjectForm organisations={me.organisations.map(({ organisation }) => organisation)} />
    </>
  );
}
