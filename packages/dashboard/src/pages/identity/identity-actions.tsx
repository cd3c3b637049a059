/** What can be done with a whole identity: everything held of it as a file, delete, erase. */
import type { subjectAccessSchema } from "@burgee/contract/admin";
import { Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { projectQuery } from "../../api/queries.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { useOrganisationPermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { type IdentityRecord, recordPath } from "./identity-queries.ts";
import { saveFile } from "./save-file.ts";
import { identityRouteApi, useIdentityPlace } from "./use-identity.ts";

type SubjectAccess = z.infer<typeof subjectAccessSchema>;

export interface IdentityActionsProps {
  readonly record: IdentityRecord;
  readonly onErase: () => void;
}

export function IdentityActions({ record, onErase }: IdentityActionsProps) {
  const place = useIdentityPlace();
  const client = useQueryClient();
  const navigate = identityRouteApi.useNavigate();
  const { data: project } = useSuspenseQuery(projectQuery(place.projectId));
  const isAdmin = useOrganisationPermissions(project.organisation).isAdmin;
  const [isDeleting, setIsDeleting] = useState(false);
  const { identifier, environmentKey, projectId, environment } = place;
  const mayDelete = place.may.remove.isAllowed;
  if (!mayDelete && !isAdmin) return null;
  const leave = () =>
    navigate({
      to: "/projects/$projectId/environments/$environmentKey/identities",
      params: { projectId, environmentKey },
    });
  const remove = async () => {
    await api.delete(recordPath(environmentKey, identifier));
    await leave();
    await client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
    notifyDone(`Deleted ${identifier} from ${environment.name}.`);
  };
  const download = async () => {
    try {
      const path = apiPath`/organisations/${project.organisation}/subject-access/`;
      const held = await api.post<SubjectAccess>(path, { identifier });
      saveFile(`${identifier}.json`, "application/json", JSON.stringify(held, null, 2));
      notifyDone(held.complete ? "Saved everything held of it." : "Saved; there is more than one file holds.");
    } catch (error) {
      notifyError(error, "It could not be saved");
    }
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={16} aria-hidden />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {isAdmin && <Menu.Item onClick={() => void download()}>Save everything held of it</Menu.Item>}
          {mayDelete && (
            <Menu.Item color="var(--mantine-color-error)" onClick={() => setIsDeleting(true)}>
              Delete from {environment.name}
            </Menu.Item>
          )}
          {isAdmin && (
            <Menu.Item color="var(--mantine-color-error)" onClick={onErase}>
              Erase everywhere
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDanger
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={`Delete ${identifier}?`}
        destroys={lostWith(record)}
        confirmLabel="Delete identity"
        production={place.production}
        onConfirm={remove}
      >
        Only from {environment.name}. If the application asks for this user again, it is made anew, without what was set
        here. The audit log keeps what was changed.
      </ConfirmDanger>
    </>
  );
}

function lostWith({ identifier, traits, traits_hidden, override_count }: IdentityRecord): string[] {
  const count = (number: number, one: string, more: string) => `${number} ${number === 1 ? one : more}`;
  return [
    `the identity ${identifier}`,
    ...(traits_hidden ? ["its traits"] : traits.length > 0 ? [count(traits.length, "trait", "traits")] : []),
    ...(override_count > 0 ? [count(override_count, "override", "overrides")] : []),
  ];
}
