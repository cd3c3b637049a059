import type {
  groupSchema,
  listedInviteSchema,
  memberSchema,
  organisationKeySchema,
  roleSchema,
} from "@burgee/contract/admin";
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Paged } from "../../api/types.ts";
import type { May } from "../../api/use-permissions.ts";

export type Member = z.infer<typeof memberSchema>;
export type Invite = z.infer<typeof listedInviteSchema>;
export type TeamGroup = z.infer<typeof groupSchema>;
export type Role = z.infer<typeof roleSchema>;
export type OrganisationKey = z.infer<typeof organisationKeySchema>;

export interface OrganisationProps {
  readonly organisationId: number;
  readonly may: May;
}

export interface RoleProps {
  readonly organisationId: number;
  readonly role: Role;
}

/** Of a list: "/api/v1/organisations/3/groups/". */
export const listPath = (organisationId: number, noun: string): string =>
  apiPath`/organisations/${organisationId}/${noun}/`;

export const listKey = (organisationId: number, noun: string) =>
  [...queryKeys.organisation(organisationId), noun] as const;

/** Lists of an organisation come as pages or bare; here they are lists. */
export const listQuery = <T>(organisationId: number, noun: string) =>
  queryOptions({
    queryKey: listKey(organisationId, noun),
    queryFn: async ({ signal }): Promise<readonly T[]> => {
      const answer = await api.get<Paged<T> | readonly T[]>(listPath(organisationId, noun), {
        signal,
        query: { page_size: 999 },
      });
      return "results" in answer ? answer.results : answer;
    },
    retry: false,
  });
