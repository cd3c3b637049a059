/** A call for every route of the admin side; one file a noun. */
import { accountCases } from "./accounts.ts";
import { auditCases } from "./audit.ts";
import type { Cases } from "./case.ts";
import { environmentCases } from "./environments.ts";
import { featureTransferCases } from "./feature-transfer.ts";
import { featureCases } from "./features.ts";
import { grantsCases } from "./grants.ts";
import { identityCases } from "./identities.ts";
import { identityRecordCases } from "./identity-records.ts";
import { jobCases } from "./jobs.ts";
import { memberCases } from "./members.ts";
import { oauthCases } from "./oauth.ts";
import { organisationCases } from "./organisations.ts";
import { projectCases } from "./projects.ts";
import { roleCases } from "./roles.ts";
import { searchCases } from "./search.ts";
import { segmentCases } from "./segments.ts";
import { stateCases } from "./states.ts";
import { webhookCases } from "./webhooks.ts";

export const cases: Cases = {
  ...accountCases,
  ...auditCases,
  ...environmentCases,
  ...featureTransferCases,
  ...featureCases,
  ...grantsCases,
  ...identityCases,
  ...identityRecordCases,
  ...jobCases,
  ...memberCases,
  ...oauthCases,
  ...organisationCases,
  ...projectCases,
  ...roleCases,
  ...searchCases,
  ...segmentCases,
  ...stateCases,
  ...webhookCases,
};
