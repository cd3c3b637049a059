import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { absoluteTime, relativeTime } from "./relative-time.ts";

export interface RelativeTimeProps {
  /** ISO, as the API gives it, or milliseconds since 1970; null = never. */
  readonly at: string | number | null;
  /** What to say for null. */
  readonly never?: string;
}

const TICK_MS = 30_000;

/** A time as people speak of it, the absolute one on hover and focus. Stays true while it is looked at. */
export function RelativeTime({ at, never = "never" }: RelativeTimeProps) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const time = typeof at === "string" ? Date.parse(at) : at;
  if (time === null || Number.isNaN(time)) return <span>{never}</span>;
  return (
    <Tooltip label={absoluteTime(time)}>
      <time dateTime={new Date(time).toISOString()}>
        {relativeTime(time, Math.max(now, Math.min(time, Date.now())))}
      </time>
    </Tooltip>
  );
}
