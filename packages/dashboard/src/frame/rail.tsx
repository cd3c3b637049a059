import { Menu, Stack, Text } from "@mantine/core";
import {
  IconArrowsDiff,
  IconCheck,
  IconFlag3,
  IconHistory,
  IconPlugConnected,
  IconSelector,
  IconSettings,
  IconTags,
  IconUser,
  IconUsersGroup,
} from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import type { Environment } from "../api/types.ts";
import { EnvironmentDot } from "./environment-dot.tsx";
import { environmentLook } from "./environment-look.ts";
import classes from "./frame.module.css";

const BASE = "/projects/$projectId/environments/$environmentKey";

export const PAGES = [
  { to: `${BASE}/features`, label: "Features", Icon: IconFlag3 },
  { to: `${BASE}/identities`, label: "Identities", Icon: IconUser },
  { to: `${BASE}/segments`, label: "Segments", Icon: IconUsersGroup },
  { to: `${BASE}/traits`, label: "Traits", Icon: IconTags },
  { to: `${BASE}/audit`, label: "Audit", Icon: IconHistory },
  { to: `${BASE}/compare`, label: "Compare", Icon: IconArrowsDiff },
  { to: `${BASE}/connect`, label: "Connect", Icon: IconPlugConnected },
  { to: `${BASE}/settings/{-$tab}`, label: "Settings", Icon: IconSettings },
] as const;

export interface RailProps {
  readonly projectId: number;
  readonly environment: Environment;
  readonly environments: readonly Environment[];
  /** After a choice; closes the sheet on small screens. */
  readonly onChoose?: () => void;
}

export function Rail({ projectId, environment, environments, onChoose }: RailProps) {
  const params = { projectId, environmentKey: environment.api_key };
  return (
    <Stack gap="md" p="md">
      <EnvironmentSelect {...{ projectId, environment, environments }} {...(onChoose && { onChoose })} />
      <Stack gap={2} component="nav" aria-label="Environment">
        {PAGES.map(({ to, label, Icon }) => (
          <Link key={to} to={to} params={params} className={classes["link"]} {...(onChoose && { onClick: onChoose })}>
            <Icon size={18} stroke={1.6} aria-hidden />
            {label}
          </Link>
        ))}
      </Stack>
    </Stack>
  );
}

function EnvironmentSelect({ projectId, environment, environments, onChoose }: RailProps) {
  const navigate = useNavigate();
  const choose = (environmentKey: string) => {
    onChoose?.();
    // The same kind of page over there, where it is not about one thing of here.
    const page = PAGES.find(({ to }) => location.pathname.split("/")[5] === to.split("/")[5])?.to;
    void navigate({ to: page ?? `${BASE}/features`, params: { projectId, environmentKey } });
  };
  return (
    <Menu width="target" shadow="sm" position="bottom-start">
      <Menu.Target>
        <button type="button" className={classes["selector"]} aria-label={`Environment: ${environment.name}`}>
          <EnvironmentDot environment={environment} />
          <span>{environment.name}</span>
          <IconSelector size={16} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {environments.map((each) => (
          <Menu.Item
            key={each.api_key}
            leftSection={<EnvironmentDot environment={each} />}
            rightSection={each.api_key === environment.api_key ? <IconCheck size={14} aria-label="chosen" /> : null}
            onClick={() => choose(each.api_key)}
          >
            {each.name}
            {environmentLook(each).isProduction && (
              <Text span size="xs" c="dimmed">
                {" "}
                production
              </Text>
            )}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
