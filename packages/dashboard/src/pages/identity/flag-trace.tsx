/** How one flag came out, step by step, from the strongest source to the weakest. */
import { Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type Source, SourceBadge } from "../../components/source.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { ValueText } from "../../components/value-text.tsx";
import classes from "./identity.module.css";
import type { Everybodys, ExplainedFlag, SegmentReason } from "./identity-queries.ts";
import { Held, RuleTree } from "./rule-trace.tsx";
import type { IdentityPlace } from "./use-identity.ts";

export interface FlagTraceProps {
  readonly flag: ExplainedFlag;
  readonly segments: readonly SegmentReason[];
  readonly everybodys: Everybodys | undefined;
  readonly place: Pick<IdentityPlace, "projectId" | "environmentKey" | "environment">;
}

/** The API counts priorities from zero, people from one: the number stands with the segment below. */
const spoken = ({ summary, segment }: ExplainedFlag): string => summary.replace(` (priority ${segment?.priority})`, "");

export function FlagTrace(props: FlagTraceProps) {
  const { flag } = props;
  return (
    <Stack gap="sm">
      <Text>{spoken(flag)}</Text>
      <ol className={classes["steps"]} aria-label={`How ${flag.feature.name} was decided`}>
        <OverrideStep {...props} />
        <SegmentSteps {...props} />
        <SplitStep {...props} />
        <DefaultStep {...props} />
      </ol>
    </Stack>
  );
}

interface StepProps {
  readonly source: Source;
  readonly won: boolean;
  readonly children: ReactNode;
}

function Step({ source, won, children }: StepProps) {
  return (
    <li className={classes["step"]} data-won={won}>
      <div className={classes["stepHead"]}>
        <SourceBadge source={source} />
        {won && <strong>this decided</strong>}
      </div>
      <div>{children}</div>
    </li>
  );
}

function OverrideStep({ flag }: FlagTraceProps) {
  const { override, expired_override: expired } = flag;
  if (override) {
    return (
      <Step source="override" won={flag.source === "override"}>
        Set by {override.updated_by ?? "somebody"} <RelativeTime at={override.updated_at} />
        {override.expires_at === null ? (
          ", until it is reset"
        ) : (
          <>
            , ends <RelativeTime at={override.expires_at} />
          </>
        )}
        .{override.reason !== null && <> Reason: {override.reason}</>}
      </Step>
    );
  }
  return (
    <Step source="override" won={false}>
      {expired ? (
        <>
          There was one; it ended <RelativeTime at={expired.expires_at} />.
        </>
      ) : (
        "None for this identity."
      )}
    </Step>
  );
}

const LOST: Readonly<Record<string, string>> = {
  "not in segment": "Not in this segment.",
  "identity override": "In this segment, but the identity's own override is stronger.",
  "weaker priority": "In this segment, but a segment with a stronger priority decided.",
  "equal priority, met later": "In this segment, but one of the same priority came first.",
};

interface SegmentStepRow {
  readonly id: number;
  readonly name: string;
  readonly priority: number | null;
  readonly said: string;
  readonly won: boolean;
}

/** The feature's segments by priority; null counts last. */
function segmentRows({ segment, trace, source }: ExplainedFlag): SegmentStepRow[] {
  const lost = trace.lost.flatMap(({ segment: other, because }) =>
    other ? [{ ...other, said: LOST[because] ?? because, won: false }] : [],
  );
  const won = source === "segment" && segment ? [{ ...segment, said: "In this segment.", won: true }] : [];
  const rank = ({ priority }: SegmentStepRow) => priority ?? Number.POSITIVE_INFINITY;
  return [...won, ...lost].sort((a, b) => rank(a) - rank(b));
}

function SegmentSteps({ flag, segments, place }: FlagTraceProps) {
  const rows = segmentRows(flag);
  if (rows.length === 0) {
    return (
      <Step source="segment" won={false}>
        No segment has a value of its own for this feature.
      </Step>
    );
  }
  const { projectId, environmentKey } = place;
  return (
    <Step source="segment" won={flag.source === "segment"}>
      <ul className={classes["plain"]}>
        {rows.map(({ id, name, priority, said, won }) => {
          const trace = segments.find((segment) => segment.id === id)?.trace;
          return (
            <li key={id}>
              <div className={classes["branch"]}>
                <span>
                  <Link
                    className={classes["link"] ?? ""}
                    to="/projects/$projectId/environments/$environmentKey/segments/$segmentId"
                    params={{ projectId, environmentKey, segmentId: String(id) }}
                  >
                    {name}
                  </Link>
                  {priority !== null && `, priority ${priority + 1}`}. {said}
                </span>
                <Held held={won} yes="decided" no="passed over" />
              </div>
              {trace && <RuleTree rules={trace.rules} label={`Rules of ${name}`} />}
            </li>
          );
        })}
      </ul>
    </Step>
  );
}

const rounded = (value: number): string => String(Math.round(value * 100) / 100);

function SplitStep({ flag }: FlagTraceProps) {
  const { split, trace } = flag;
  if (split === null) {
    return (
      <Step source="split" won={false}>
        {flag.source === "override"
          ? "Not asked: the override says what to serve."
          : "What was chosen has no variants."}
      </Step>
    );
  }
  const bucket = rounded(split.bucket);
  return (
    <Step source="split" won={flag.source === "split"}>
      Its bucket is {bucket}, always the same for this identity and feature.
      <div className={classes["split"]} aria-hidden>
        {trace.variants.map((variant) => (
          <span
            key={`${variant.threshold_low}`}
            data-hit={variant.hit}
            style={{ width: `${Math.max(0, variant.threshold_high - variant.threshold_low)}%` }}
          />
        ))}
        <i style={{ left: `${split.bucket}%` }} />
      </div>
      <ul className={classes["plain"]}>
        {trace.variants.map((variant) => (
          <li key={`${variant.key} ${variant.threshold_low}`} className={classes["branch"]}>
            <span>
              {variant.key ?? "A variant without a name"} <ValueText value={variant.value} longest={40} /> from{" "}
              {rounded(variant.threshold_low)} up to {rounded(variant.threshold_high)}
            </span>
            <Held held={variant.hit} yes="hit" no="not hit" />
          </li>
        ))}
        {!trace.variants.some(({ hit }) => hit) && (
          <li className={classes["branch"]}>
            <span>
              control, from {rounded(split.threshold_low)} up to {rounded(split.threshold_high)}
            </span>
            <Held held yes="hit" />
          </li>
        )}
      </ul>
    </Step>
  );
}

function DefaultStep({ flag, everybodys, place }: FlagTraceProps) {
  const won = flag.source === "default";
  return (
    <Step source="default" won={won}>
      {everybodys ? (
        <>
          {won ? "What everybody gets in " : "Otherwise, as everybody in "}
          {place.environment.name}: {everybodys.enabled ? "on" : "off"} with <ValueText value={everybodys.value} />
        </>
      ) : (
        `What everybody gets in ${place.environment.name}.`
      )}
    </Step>
  );
}
