/** Why, in a few words beside a value. The whole sentence stands in the row's detail. */
import { RelativeTime } from "../../components/time-ago.tsx";
import type { ExplainedFlag } from "./identity-queries.ts";

const rounded = (value: number): string => String(Math.round(value * 100) / 100);

/** "variant blue, bucket 37.2 of 0 to 50" */
function splitText({ variant, split }: Pick<ExplainedFlag, "variant" | "split">): string | undefined {
  if (split === null) return undefined;
  const name =
    variant?.key === null || !variant ? "a variant" : variant.key === "control" ? "control" : `variant ${variant.key}`;
  return `${name}, bucket ${rounded(split.bucket)} of ${rounded(split.threshold_low)} to ${rounded(split.threshold_high)}`;
}

export function WhyLine({ flag, environmentName }: { flag: ExplainedFlag; environmentName: string }) {
  const { source, segment, override, expired_override: expired } = flag;
  const split = splitText(flag);
  if (source === "override" && override) {
    return (
      <span>
        by {override.updated_by ?? "somebody"}, <RelativeTime at={override.updated_at} />
        {override.expires_at !== null && (
          <>
            , ends <RelativeTime at={override.expires_at} />
          </>
        )}
        {override.reason !== null && <>: {override.reason}</>}
      </span>
    );
  }
  const was = expired && (
    <>
      . An override ended <RelativeTime at={expired.expires_at} />
    </>
  );
  if (source === "segment") {
    const priority = segment === null || segment.priority === null ? undefined : `priority ${segment.priority + 1}`;
    return (
      <span>
        {[priority, split].filter(Boolean).join("; ") || "a member"}
        {was}
      </span>
    );
  }
  return (
    <span>
      {split ?? `as for everybody in ${environmentName}`}
      {was}
    </span>
  );
}
