import type { EnvironmentDetail } from "../../api/types.ts";
import type { Feature, Flag } from "./feature-queries.ts";
import type { FlagWrite } from "./use-flag-write.ts";

/** What every tab of a feature is given. */
export interface TabProps {
  readonly feature: Feature;
  readonly flag: Flag;
  readonly environment: EnvironmentDetail;
  readonly projectId: number;
  readonly write: FlagWrite;
}
