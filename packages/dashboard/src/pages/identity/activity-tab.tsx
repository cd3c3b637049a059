/** What was changed of this identity, by whom, with a way back. */
import { useProjectPermissions } from "../../api/use-permissions.ts";
import { AuditList } from "../../components/audit-list.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { identityRouteApi, useIdentityPlace } from "./use-identity.ts";

export function ActivityTab() {
  const { projectId, identifier, environment } = useIdentityPlace();
  const { page = 1 } = identityRouteApi.useSearch();
  const navigate = identityRouteApi.useNavigate();
  const may = useProjectPermissions(projectId).may("VIEW_AUDIT_LOG");
  if (may.reason !== undefined) return <EmptyState title="Not yours to see">{may.reason}</EmptyState>;
  return (
    <AuditList
      projectId={projectId}
      filter={{ identity: identifier, environments: String(environment.id) }}
      page={page}
      onPage={(to) => void navigate({ search: (before) => ({ ...before, page: to }) })}
      hidesEnvironment
      empty={
        <EmptyState title="Nobody has changed anything">
          What people do to this identity is kept here: overrides, traits, its creation. What the application sends is
          not.
        </EmptyState>
      }
    />
  );
}
