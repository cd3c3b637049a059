/** Others' changes appear without a reload: the environment's event stream makes what is cached of it stale. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { queryKeys } from "./query-keys.ts";

/** The revision that an event of the stream speaks of; undefined where it speaks of none. */
export function revisionOf(data: string): string | undefined {
  try {
    const event: unknown = JSON.parse(data);
    if (typeof event !== "object" || event === null || !("etag" in event)) return undefined;
    return String(event.etag);
  } catch {
    return undefined;
  }
}

/** While the page is seen: a hidden one lets go of its connection, and asks anew when it is seen again. */
export function useLiveChanges(environmentKey: string, projectId: number): void {
  const client = useQueryClient();
  useEffect(() => {
    let source: EventSource | undefined;
    let known: string | undefined;
    const heard = ({ data }: MessageEvent<string>) => {
      const revision = revisionOf(data);
      // The stream begins by telling the revision as it is, each time that it is opened.
      if (revision === undefined || revision === known) return;
      const isFirst = known === undefined;
      known = revision;
      if (isFirst) return;
      void client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
      void client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
    };
    const follow = () => {
      if (document.visibilityState === "hidden") {
        source?.close();
        source = undefined;
      } else if (!source) {
        source = new EventSource(`/ofrep/v1/sse?key=${encodeURIComponent(environmentKey)}`);
        source.addEventListener("message", heard);
      }
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      source?.close();
    };
  }, [client, environmentKey, projectId]);
}
