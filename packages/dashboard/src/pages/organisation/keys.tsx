import { Checkbox } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { KeyForm } from "../../components/key-form.tsx";
import { ManagedLine, ManagedList } from "../../components/managed-list.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { listKey, listPath, listQuery, type OrganisationKey, type OrganisationProps } from "./organisation-queries.ts";

const NOUN = "master-api-keys";

/** Keys for scripts, Terraform and the command line: they act for the organisation, not for a person. */
export function Keys({ organisationId, may }: OrganisationProps) {
  const query = useQuery({ ...listQuery<OrganisationKey>(organisationId, NOUN), enabled: may.isAllowed });
  return (
    <ManagedList
      purpose="For Terraform, the command line and scripts. Each is shown once, when it is made."
      query={query}
      may={may}
      isHiddenWithout
      noun="key"
      empty={{
        title: "No keys yet",
        text: "Make one for each thing that calls the API, so that one can be withdrawn alone.",
      }}
      form={(onDone) => <NewKey organisationId={organisationId} onDone={onDone} />}
    >
      {(held) => <KeyLine held={held} organisationId={organisationId} may={may} />}
    </ManagedList>
  );
}

function stateOf({ revoked, has_expired, is_admin }: OrganisationKey): string {
  if (revoked) return "revoked";
  if (has_expired) return "expired";
  return is_admin ? "administrator" : "by its roles";
}

function KeyLine({ held, organisationId, may }: OrganisationProps & { held: OrganisationKey }) {
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  return (
    <ManagedLine
      name={held.name}
      badges={[stateOf(held)]}
      facts={
        <>
          <code>{held.prefix}</code>, made <RelativeTime at={held.created} />, last used{" "}
          <RelativeTime at={held.last_used} />
          {held.expiry_date && (
            <>
              , {held.has_expired ? "ended" : "ends"} <RelativeTime at={held.expiry_date} />
            </>
          )}
        </>
      }
      actions={
        <GatedButton may={may} variant="default" size="xs" onClick={() => setIsDeleting(true)}>
          Revoke
        </GatedButton>
      }
    >
      <ConfirmDanger
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={`Revoke the key ${held.name}?`}
        confirmLabel="Revoke key"
        destroys={["the key: whatever uses it is refused from now on"]}
        onConfirm={async () => {
          await api.delete(`${listPath(organisationId, NOUN)}${held.prefix}/`);
          await client.invalidateQueries({ queryKey: listKey(organisationId, NOUN) });
          notifyDone(`Revoked ${held.name}.`);
        }}
      />
    </ManagedLine>
  );
}

function NewKey({ organisationId, onDone }: { organisationId: number; onDone: () => void }) {
  const client = useQueryClient();
  const [isAdmin, setIsAdmin] = useState(true);
  return (
    <KeyForm
      description="What uses it."
      shownTitle="Copy it now: it is not shown again"
      doneLabel="I have copied it"
      endField="expiry_date"
      make={async (name, expiry_date) => {
        const body = { name, is_admin: isAdmin, expiry_date };
        const made = await api.post<{ key: string }>(listPath(organisationId, NOUN), body);
        await client.invalidateQueries({ queryKey: listKey(organisationId, NOUN) });
        return made;
      }}
      onDone={onDone}
    >
      <Checkbox
        label="May do everything in the organisation"
        description="Otherwise its roles decide."
        checked={isAdmin}
        onChange={(event) => setIsAdmin(event.currentTarget.checked)}
      />
    </KeyForm>
  );
}
