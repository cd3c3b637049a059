import { ActionIcon, AppShell, Burger, Drawer, Kbd } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { type CSSProperties, lazy, Suspense, useState } from "react";
import { AccountMenu } from "./account-menu.tsx";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { EnvironmentDot, ProductionBar } from "./environment-dot.tsx";
import { environmentLook, inkOn } from "./environment-look.ts";
import classes from "./frame.module.css";
import { Mark } from "./mark.tsx";
import { Rail } from "./rail.tsx";
import { type CurrentPlace, usePlace } from "./use-place.ts";

const CommandPalette = lazy(() =>
  import("./command-palette.tsx").then((module) => ({ default: module.CommandPalette })),
);

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The frame around every page of who is signed in. */
export function AppFrame() {
  const place = usePlace();
  const { project, environment, environments, isInEnvironment } = place;
  const [isRailOpen, rail] = useDisclosure(false);
  const [isJumping, jump] = useDisclosure(false);
  const [hasJumped, setHasJumped] = useState(false);
  const openJump = () => {
    setHasJumped(true);
    jump.open();
  };
  useHotkeys([["mod+K", openJump]], []);
  const railProps = project && environment && { projectId: project.id, environment, environments };
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: true, desktop: !railProps } }}
      padding={{ base: "md", sm: "lg" }}
    >
      <a href="#content" className="skip-link">
        To the content
      </a>
      {environment && isInEnvironment && <ProductionBar environment={environment} />}
      <AppShell.Header>
        <div className={classes["header"]}>
          {railProps && (
            <Burger opened={isRailOpen} onClick={rail.toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
          )}
          <Link to="/" className={classes["brand"]} aria-label="Burgee, to the start">
            <Mark />
          </Link>
          <Breadcrumbs project={project} />
          <div style={{ flex: 1 }} />
          <Jump onOpen={openJump} />
          <AccountMenu />
        </div>
      </AppShell.Header>
      {railProps && (
        <>
          <AppShell.Navbar visibleFrom="sm">
            <Rail {...railProps} />
          </AppShell.Navbar>
          <Drawer opened={isRailOpen} onClose={rail.close} title="Burgee" size={280} hiddenFrom="sm" padding={0}>
            <Rail {...railProps} onChoose={rail.close} />
          </Drawer>
        </>
      )}
      <AppShell.Main id="content" tabIndex={-1} style={{ outline: "none" }}>
        <div className={classes["content"]}>
          {isInEnvironment && <Banner environment={environment} />}
          <Outlet />
        </div>
      </AppShell.Main>
      {hasJumped && (
        <Suspense fallback={null}>
          <CommandPalette opened={isJumping} onClose={jump.close} place={place} />
        </Suspense>
      )}
    </AppShell>
  );
}

function Jump({ onOpen }: { readonly onOpen: () => void }) {
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        hiddenFrom="sm"
        aria-label="Search or jump to"
        onClick={onOpen}
      >
        <IconSearch size={18} />
      </ActionIcon>
      <button type="button" className={`${classes["jump"]} mantine-visible-from-sm`} onClick={onOpen}>
        <IconSearch size={16} aria-hidden />
        <span>Search or jump to…</span>
        <Kbd size="xs">{isApple ? "⌘ K" : "Ctrl K"}</Kbd>
      </button>
    </>
  );
}

/** What somebody wrote for this environment; else, in production, that it is. */
function Banner({ environment }: Pick<CurrentPlace, "environment">) {
  if (!environment) return null;
  const { banner, colour, isProduction } = environmentLook(environment);
  if (banner === undefined && !isProduction) return null;
  const style = { "--bar": colour, "--ink": inkOn(colour) } as CSSProperties;
  if (banner !== undefined) {
    return (
      <div className={classes["banner"]} style={style}>
        {banner}
      </div>
    );
  }
  return (
    <div className={`${classes["banner"]} ${classes["quiet"]}`} style={style}>
      <EnvironmentDot environment={environment} />
      <span>
        <strong>{environment.name}</strong>: real users feel at once what is changed here.
      </span>
    </div>
  );
}
