/** In which segments this identity is, in which not, and the condition that decided. */
import { ActionIcon, Collapse, SegmentedControl, Text } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { SearchField } from "../../components/search-field.tsx";
import classes from "./identity.module.css";
import { identitySegmentsQuery, type SegmentReason } from "./identity-queries.ts";
import { Held, RuleTree } from "./rule-trace.tsx";
import { type IdentityPlace, identityRouteApi, useIdentityPlace } from "./use-identity.ts";

type Which = "all" | "in" | "out";

/** "In it: plan is "pro"." without the words before the colon, which stand beside it. */
const reasonOf = (summary: string): string => summary.replace(/^(Not in it|In it): /, "").replace(/\.$/, "");

export function SegmentsTab() {
  const place = useIdentityPlace();
  const { q = "" } = identityRouteApi.useSearch();
  const navigate = identityRouteApi.useNavigate();
  const [which, setWhich] = useState<Which>("all");
  const { data, error, refetch } = useQuery(identitySegmentsQuery(place.environmentKey, place.identifier));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading the segments" />;
  if (data.results.length === 0) {
    return (
      <EmptyState title="No segments yet">
        A segment is everyone for whom its rules hold. This project has none.
      </EmptyState>
    );
  }
  const inside = data.results.filter(({ is_member }) => is_member).length;
  const shown = data.results
    .filter(({ is_member }) => which === "all" || is_member === (which === "in"))
    .filter(({ name }) => name.toLowerCase().includes(q.toLowerCase()))
    .sort((a, b) => Number(b.is_member) - Number(a.is_member) || a.name.localeCompare(b.name));
  return (
    <>
      <div className={classes["toolbar"]}>
        <SearchField
          value={q}
          onSearch={(text) =>
            void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true })
          }
          label="Search segments"
          delayMs={80}
          style={{ flex: "1 1 14rem" }}
          className={classes["search"] ?? ""}
        />
        <SegmentedControl
          aria-label="Which segments"
          value={which}
          onChange={(value) => setWhich(value as Which)}
          data={[
            { value: "all", label: `All ${data.results.length}` },
            { value: "in", label: `In ${inside}` },
            { value: "out", label: `Not in ${data.results.length - inside}` },
          ]}
        />
      </div>
      {shown.length === 0 ? (
        <EmptyState title="None of them">No segment fits what you are looking for.</EmptyState>
      ) : (
        <ul className={classes["list"]} aria-label="Segments">
          {shown.map((segment) => (
            <SegmentRow key={segment.id} segment={segment} place={place} />
          ))}
        </ul>
      )}
    </>
  );
}

function SegmentRow({ segment, place }: { segment: SegmentReason; place: IdentityPlace }) {
  const [isOpen, setIsOpen] = useState(false);
  const { projectId, environmentKey } = place;
  const id = `segment-${segment.id}`;
  return (
    <li className={classes["flag"]}>
      <div className={classes["segmentHead"]}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Why ${segment.is_member ? "in" : "not in"} ${segment.name}`}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setIsOpen(!isOpen)}
        >
          <IconChevronRight size={16} className={classes["chevron"] ?? ""} data-is-open={isOpen} aria-hidden />
        </ActionIcon>
        <Link
          className={classes["name"] ?? ""}
          to="/projects/$projectId/environments/$environmentKey/segments/$segmentId"
          params={{ projectId, environmentKey, segmentId: String(segment.id) }}
        >
          {segment.name}
        </Link>
        <Held held={segment.is_member} yes="in" no="not in" />
        <Text component="span" size="sm" c="dimmed" className={classes["whyText"] ?? ""}>
          {reasonOf(segment.summary)}
        </Text>
      </div>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && (
          <div className={classes["flagBody"]}>
            {segment.trace ? (
              <RuleTree rules={segment.trace.rules} label={`Rules of ${segment.name}`} />
            ) : (
              <Text c="dimmed">Its conditions would tell traits, which you may not see.</Text>
            )}
          </div>
        )}
      </Collapse>
    </li>
  );
}
