/** Every flag with its value, where that comes from, and what can be done about it. */
import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { PrecedenceLadder } from "../../components/source.tsx";
import { FlagRow } from "./flag-row.tsx";
import { flagsShown, type Show } from "./flags-filter.ts";
import classes from "./identity.module.css";
import { everybodysOf, explanationQuery, featuresQuery } from "./identity-queries.ts";
import { useFirst } from "./use-first.tsx";
import { identityRouteApi, useIdentityPlace } from "./use-identity.ts";

export function FeaturesTab() {
  const place = useIdentityPlace();
  const { q = "", show } = identityRouteApi.useSearch();
  const navigate = identityRouteApi.useNavigate();
  const { data, error, refetch } = useQuery(explanationQuery(place.environmentKey, place.identifier));
  const { data: features } = useQuery(featuresQuery(place.projectId, place.environment));
  const flags = data?.flags ?? [];
  const shown = flagsShown(flags, { q, show, everybodysOf: (id) => everybodysOf(features?.get(id)) });
  const { first, more } = useFirst(shown);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading the flags" height={48} />;
  if (flags.length === 0) return <EmptyState title="No features yet">Create one on the page Features.</EmptyState>;
  const go = (to: { q?: string | undefined; show?: Show }) =>
    void navigate({ search: (before) => ({ ...before, ...to }), replace: true });
  return (
    <>
      <div className={classes["toolbar"]}>
        <SearchField
          value={q}
          onSearch={(text) => go({ q: text || undefined })}
          label="Search features"
          delayMs={80}
          style={{ flex: "1 1 14rem" }}
          className={classes["search"] ?? ""}
        />
        <SegmentedControl
          aria-label="Which flags"
          value={show ?? "all"}
          onChange={(value) => go({ show: value === "all" ? undefined : (value as Show) })}
          data={[
            { value: "all", label: `All ${flags.length}` },
            { value: "overridden", label: "Overridden" },
            { value: "differs", label: "Differs from default" },
          ]}
        />
        <PrecedenceLadder />
      </div>
      {shown.length === 0 ? (
        <EmptyState
          title="None of them"
          action={
            <Button variant="default" onClick={() => go({ q: undefined, show: undefined })}>
              Show all
            </Button>
          }
        >
          {show === "overridden" && q === ""
            ? "Nothing is overridden for this identity."
            : show === "differs" && q === ""
              ? `This identity gets what everybody gets in ${place.environment.name}.`
              : "No flag fits what you are looking for."}
        </EmptyState>
      ) : (
        <ul className={classes["list"]} aria-label="Flags">
          {first.map((flag) => (
            <FlagRow
              key={flag.feature.id}
              flag={flag}
              feature={features?.get(flag.feature.id)}
              segments={data.segments}
              place={place}
            />
          ))}
        </ul>
      )}
      {more}
    </>
  );
}
