/** The whole table; one file a noun. */
import { accountsWhoMay } from "./accounts.ts";
import { auditWhoMay } from "./audit.ts";
import { environmentsWhoMay } from "./environments.ts";
import { featuresWhoMay } from "./features.ts";
import { identitiesWhoMay } from "./identities.ts";
import { jobsWhoMay } from "./jobs.ts";
import { organisationsWhoMay } from "./organisations.ts";
import { projectsWhoMay } from "./projects.ts";
import { rightsWhoMay } from "./rights.ts";
import { searchWhoMay } from "./search.ts";
import { segmentsWhoMay } from "./segments.ts";
import type { WhoMayTable } from "./who-may.ts";

export const whoMayTable: WhoMayTable = {
  ...accountsWhoMay,
  ...auditWhoMay,
  ...environmentsWhoMay,
  ...featuresWhoMay,
  ...identitiesWhoMay,
  ...jobsWhoMay,
  ...organisationsWhoMay,
  ...projectsWhoMay,
  ...rightsWhoMay,
  ...searchWhoMay,
  ...segmentsWhoMay,
};
