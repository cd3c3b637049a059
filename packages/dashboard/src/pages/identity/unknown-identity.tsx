import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyError } from "../../components/notify.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { recordPath } from "./identity-queries.ts";
import { useIdentityPlace } from "./use-identity.ts";

/** Nobody of this name was seen here: it can be made before its user comes. */
export function UnknownIdentity() {
  const { environmentKey, identifier, environment, may } = useIdentityPlace();
  const client = useQueryClient();
  const [isMaking, setIsMaking] = useState(false);
  const make = async () => {
    setIsMaking(true);
    try {
      await api.put(recordPath(environmentKey, identifier), {});
      await client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
    } catch (error) {
      notifyError(error, "It could not be created");
    } finally {
      setIsMaking(false);
    }
  };
  return (
    <>
      <PageHeader title={identifier} />
      <EmptyState
        title={`Not seen in ${environment.name}`}
        action={
          <GatedButton may={may.manage} loading={isMaking} onClick={() => void make()}>
            Create this identity
          </GatedButton>
        }
      >
        No user of this identifier has asked for flags here, or it was deleted. Identifiers are exact to the letter.
      </EmptyState>
    </>
  );
}
