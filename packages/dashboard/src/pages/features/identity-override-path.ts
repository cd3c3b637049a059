import { apiPath } from "../../api/client.ts";

export const overridePath = (environmentKey: string, identifier: string, feature: number): string =>
  apiPath`/environments/${environmentKey}/identities/by-identifier/${identifier}/overrides/${feature}/`;
