/** A call for every route of the admin side; one file a noun. */
import { accountCases } from "./accounts.ts";
import { auditCases } from "./audit.ts";
import type { Cases } from "./case.ts";
import { environmentCases } from "./environments.ts";
import { featureCases } from "./features.ts";
import { identityCases } from "./identities.ts";
import { organisationCases } from "./organisations.ts";
import { projectCases } from "./projects.ts";
import { segmentCases } from "./segments.ts";
import { stateCases } from "./states.ts";

export const cases: Cases = {
  ...accountCases,
  ...auditCases,
  ...environmentCases,
  ...featureCases,
  ...identityCases,
  ...organisationCases,
  ...projectCases,
  ...segmentCases,
  ...stateCases,
};
