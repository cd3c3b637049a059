import { Tabs } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";

export interface TabRowProps {
  /** The one that is open: on a narrow screen it is brought into sight. */
  readonly active: string;
  /** Tabs.Tab of each. */
  readonly children: ReactNode;
}

/** The tabs of a page, in one row also where they are wider than the screen. */
export function TabRow({ active, children }: TabRowProps) {
  const row = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time that another one opens
  useEffect(() => {
    const list = row.current;
    const tab = list?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (!list || !tab) return;
    // Not scrollIntoView: it would move the page too.
    list.scrollLeft = tab.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
  }, [active]);
  return (
    <Tabs.List ref={row} mb="lg">
      {children}
    </Tabs.List>
  );
}
