/** Mounts the admin side: one line a noun, in alphabetical order. */
import type { Accounts } from "./accounts/accounts.ts";
import type { Changes } from "./changes/commit.ts";
import type { IdentityNews } from "./changes/identity-news.ts";
import type { Db } from "./db/database.ts";
import type { Documents } from "./documents/documents.ts";
import type { AdminApi } from "./http/admin-door.ts";
import { createUndoers, type Undoers } from "./http/undo.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { Thread } from "./jobs/thread.ts";
import { mountAudit } from "./resources/audit/audit.admin.ts";
import { mountAuth } from "./resources/auth/auth.admin.ts";
import { mountEnvironmentDocument } from "./resources/environment-document/environment-document.admin.ts";
import { mountEnvironmentKeys } from "./resources/environments/environment-keys.admin.ts";
import { mountEnvironments } from "./resources/environments/environments.admin.ts";
import { mountEnvironmentStates } from "./resources/features/environment-states.admin.ts";
import { mountFeatureOwners } from "./resources/features/feature-owners.admin.ts";
import { mountFeatureSegments } from "./resources/features/feature-segments.admin.ts";
import { mountFeatureStates } from "./resources/features/feature-states.admin.ts";
import { mountFeatureTransfer } from "./resources/features/feature-transfer.admin.ts";
import { mountFeatures } from "./resources/features/features.admin.ts";
import { mountFlags } from "./resources/features/flag.admin.ts";
import { mountMultivariateOptions } from "./resources/features/mv-options.admin.ts";
import { mountSegmentOverrides } from "./resources/features/segment-overrides.admin.ts";
import { addFeatureUndoer } from "./resources/features/undo-features.ts";
import { addStateUndoer } from "./resources/features/undo-states.ts";
import { addTieUndoer } from "./resources/features/undo-ties.ts";
import { addVariantUndoer } from "./resources/features/undo-variants.ts";
import { mountVersions } from "./resources/features/versions.admin.ts";
import { mountGroups } from "./resources/groups/groups.admin.ts";
import { mountEdgeOverrides } from "./resources/identities/edge-overrides.admin.ts";
import { mountEffectiveFlags } from "./resources/identities/effective-flags.admin.ts";
import { mountExplanations } from "./resources/identities/explain.admin.ts";
import { mountIdentities } from "./resources/identities/identities.admin.ts";
import { mountIdentityOverrides } from "./resources/identities/identity-overrides.admin.ts";
import { mountIdentityRecords } from "./resources/identities/identity-records.admin.ts";
import { mountOverrides } from "./resources/identities/overrides.admin.ts";
import { mountTraits } from "./resources/identities/traits.admin.ts";
import { addOverrideUndoers } from "./resources/identities/undo-overrides.ts";
import { mountIdentityJobs } from "./resources/identity-jobs/identity-jobs.ts";
import { mountInviteLinks } from "./resources/members/invite-links.admin.ts";
import { mountInvites } from "./resources/members/invites.admin.ts";
import { mountMembers } from "./resources/members/members.admin.ts";
import { mountOauth } from "./resources/oauth/oauth.admin.ts";
import { mountOrganisationKeys } from "./resources/organisation-keys/organisation-keys.admin.ts";
import { mountOrganisations } from "./resources/organisations/organisations.admin.ts";
import { mountPermissions } from "./resources/permissions/permissions.admin.ts";
import { mountProjects } from "./resources/projects/projects.admin.ts";
import { mountRoles } from "./resources/roles/roles.admin.ts";
import { mountTraitCatalogue } from "./resources/search/catalogue.admin.ts";
import { mountIdentitySearch } from "./resources/search/search.admin.ts";
import { mountSegmentMembers } from "./resources/segments/members.admin.ts";
import { mountSegments } from "./resources/segments/segments.admin.ts";
import { addSegmentUndoer } from "./resources/segments/undo-segments.ts";
import { mountWhereUsed } from "./resources/segments/where-used.admin.ts";
import { mountSetup } from "./resources/setup/setup.admin.ts";
import { mountSubjects } from "./resources/subjects/subjects.admin.ts";
import { mountTags } from "./resources/tags/tags.admin.ts";
import { mountTrust } from "./resources/trust/trust.admin.ts";
import { mountUsage } from "./resources/usage/usage.admin.ts";
import type { DeliveryWorker } from "./resources/webhooks/delivery-worker.ts";
import type { IdentityNotifier } from "./resources/webhooks/identity-notifier.ts";
import { mountWebhooks } from "./resources/webhooks/webhooks.admin.ts";
import type { Search } from "./search/search.ts";

export interface AdminDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly documents: Documents;
  readonly accounts: Accounts;
  readonly jobs: Jobs;
  readonly search: Search;
  readonly news: IdentityNews;
  /** Of jobs that read files and judge identities. */
  readonly thread: Thread;
  /** Bytes of a file of identities. */
  readonly importLimit: number;
  /** Webhooks may go to addresses of this machine and of private networks. */
  readonly privateWebhooks: boolean;
  readonly deliveries: DeliveryWorker;
  readonly identityNotifier: IdentityNotifier;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Every noun says how its changes are taken back; the audit log asks. */
function createNounUndoers(deps: AdminDeps): Undoers {
  const undoers = createUndoers();
  addFeatureUndoer(undoers, deps);
  addOverrideUndoers(undoers, deps);
  addSegmentUndoer(undoers, deps);
  addStateUndoer(undoers, deps);
  addTieUndoer(undoers, deps);
  addVariantUndoer(undoers, deps);
  return undoers;
}

export function mountAdmin(api: AdminApi, deps: AdminDeps): void {
  mountAudit(api, { ...deps, undoers: createNounUndoers(deps) });
  mountAuth(api, deps);
  mountEdgeOverrides(api, deps);
  mountEffectiveFlags(api, deps);
  mountEnvironmentDocument(api, deps);
  mountEnvironmentKeys(api, deps);
  mountEnvironmentStates(api, deps);
  mountEnvironments(api, deps);
  mountExplanations(api, deps);
  mountFeatureOwners(api, deps);
  mountFeatureSegments(api, deps);
  mountFeatureStates(api, deps);
  mountFeatureTransfer(api, deps);
  mountFeatures(api, deps);
  mountFlags(api, deps);
  mountGroups(api, deps);
  mountIdentities(api, deps);
  mountIdentityOverrides(api, deps);
  mountIdentityRecords(api, deps);
  mountIdentitySearch(api, deps);
  mountIdentityJobs(api, deps);
  mountInviteLinks(api, deps);
  mountInvites(api, deps);
  mountMembers(api, deps);
  mountMultivariateOptions(api, deps);
  mountOauth(api, deps);
  mountOrganisationKeys(api, deps);
  mountOrganisations(api, deps);
  mountOverrides(api, deps);
  mountPermissions(api, deps);
  mountProjects(api, deps);
  mountRoles(api, deps);
  mountSegmentMembers(api, deps);
  mountSegmentOverrides(api, deps);
  mountSegments(api, deps);
  mountSetup(api, deps);
  mountSubjects(api, deps);
  mountTags(api, deps);
  mountTraitCatalogue(api, deps);
  mountTraits(api, deps);
  mountTrust(api, deps);
  mountUsage(api, deps);
  mountVersions(api, deps);
  mountWebhooks(api, {
    ...deps,
    wake: deps.deliveries.wake,
    watch: deps.deliveries.watch,
    refreshIdentityWebhooks: deps.identityNotifier.refresh,
  });
  mountWhereUsed(api, deps);
}
