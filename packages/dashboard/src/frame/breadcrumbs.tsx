import { Button, Menu, Text } from "@mantine/core";
import { IconPlus, IconSelector, IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { meQuery, projectsQuery } from "../api/queries.ts";
import type { ProjectDetail } from "../api/types.ts";
import classes from "./frame.module.css";

/** "Acme / Shop": every organisation and project that one may see, one click away. */
export function Breadcrumbs({ project }: { readonly project: ProjectDetail | undefined }) {
  const { data: me } = useQuery(meQuery);
  const { data: projects = [] } = useQuery(projectsQuery);
  const organisations = (me?.organisations ?? []).map(({ organisation }) => organisation);
  const current = organisations.find(({ id }) => id === project?.organisation);
  const name = project ? `${current ? `${current.name} / ` : ""}${project.name}` : "Choose a project";
  return (
    <Menu shadow="sm" width={280} position="bottom-start">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          c="var(--mantine-color-text)"
          px={8}
          maw="40vw"
          rightSection={<IconSelector size={15} aria-hidden />}
          aria-label={`Organisation and project: ${name}`}
        >
          <span className={classes["crumb"]}>{name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="70dvh" style={{ overflowY: "auto" }}>
        {organisations.map((organisation) => (
          <div key={organisation.id}>
            <Menu.Label>{organisation.name}</Menu.Label>
            {projects
              .filter((each) => each.organisation === organisation.id)
              .map((each) => (
                <Menu.Item
                  key={each.id}
                  component={Link}
                  to="/projects/$projectId"
                  params={{ projectId: each.id } as never}
                  fw={each.id === project?.id ? 650 : 400}
                >
                  {each.name}
                </Menu.Item>
              ))}
            <Menu.Item
              component={Link}
              to="/organisations/$organisationId/settings/{-$tab}"
              params={{ organisationId: organisation.id } as never}
              leftSection={<IconSettings size={15} aria-hidden />}
            >
              <Text span size="sm" c="dimmed">
                Organisation settings
              </Text>
            </Menu.Item>
          </div>
        ))}
        <Menu.Divider />
        {project && (
          <Menu.Item
            component={Link}
            to="/projects/$projectId/settings"
            params={{ projectId: project.id } as never}
            leftSection={<IconSettings size={15} aria-hidden />}
          >
            Project settings
          </Menu.Item>
        )}
        <Menu.Item component={Link} to="/new-project" leftSection={<IconPlus size={15} aria-hidden />}>
          New project
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
