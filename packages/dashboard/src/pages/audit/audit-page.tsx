import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { environmentsQuery } from "../../api/queries.ts";
import { useProjectPermissions } from "../../api/use-permissions.ts";
import { AuditList } from "../../components/audit-list.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { SearchField } from "../../components/search-field.tsx";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/audit");

/** Beside the search where there is room, else a line each. */
const NARROW = { flex: "1 1 12rem" };

type Search = ReturnType<typeof route.useSearch>;

export function AuditPage() {
  const { projectId, environmentKey } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const { data: environments = [] } = useQuery(environmentsQuery(projectId));
  const may = useProjectPermissions(projectId).may("VIEW_AUDIT_LOG");
  const here = environments.find(({ api_key }) => api_key === environmentKey);
  const go = (to: Partial<Search>) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/audit",
      params: { projectId, environmentKey },
      search: { ...search, page: undefined, ...to },
      replace: to.page === undefined,
    });
  const isNarrow = search.q || search.author || search.scope || search.identity;
  const filter = {
    search: search.q,
    author: search.author,
    identity: search.identity,
    environments: search.scope === "environment" || search.identity ? String(here?.id ?? 0) : undefined,
  };
  return (
    <>
      <PageHeader title="Audit" description="Who changed what, when, and what it was before." />
      <Group gap="sm" mb="md" align="flex-end">
        <SearchField
          value={search.q ?? ""}
          onSearch={(q) => go({ q: q || undefined })}
          label="Search changes"
          style={{ flex: "1 1 14rem" }}
        />
        <NativeSelect
          aria-label="Where"
          style={NARROW}
          value={search.scope ?? "project"}
          onChange={(event) => go({ scope: event.currentTarget.value === "environment" ? "environment" : undefined })}
          data={[
            { value: "project", label: "everywhere in the project" },
            { value: "environment", label: `only in ${here?.name ?? "this environment"}` },
          ]}
        />
        <Narrow label="By" placeholder="e-mail or key:7" value={search.author} onChange={(author) => go({ author })} />
        <Narrow
          label="Of the identity"
          placeholder="identifier"
          value={search.identity}
          onChange={(identity) => go({ identity })}
        />
      </Group>
      {may.reason !== undefined ? (
        <EmptyState title="Not yours to see">{may.reason}</EmptyState>
      ) : (
        <AuditList
          projectId={projectId}
          filter={filter}
          page={search.page ?? 1}
          onPage={(page) => go({ page })}
          empty={
            <EmptyState title={isNarrow ? "Nothing like that" : "No changes yet"}>
              {isNarrow
                ? "No change fits what you are looking for."
                : "Every change of a feature, a segment or a setting is kept here."}
            </EmptyState>
          }
        />
      )}
    </>
  );
}

interface NarrowProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

function Narrow({ label, placeholder, value, onChange }: NarrowProps) {
  const [text, setText] = useState(value ?? "");
  const later = useDebouncedCallback((next: string) => onChange(next || undefined), 400);
  return (
    <TextInput
      aria-label={label}
      style={NARROW}
      placeholder={`${label}: ${placeholder}`}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
    />
  );
}
