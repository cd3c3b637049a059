/** What the API answers, read off the schemas that it is described by. Only types: no schema reaches the browser. */
import type {
  environmentDetailSchema,
  environmentSchema,
  meSchema,
  organisationSchema,
  ownPermissionsSchema,
  permissionSchema,
  projectDetailSchema,
  projectSchema,
  setupDoneSchema,
  setupStateSchema,
} from "@burgee/contract/admin";
import type { z } from "zod";

export type Me = z.infer<typeof meSchema>;
export type Organisation = z.infer<typeof organisationSchema>;
export type Project = z.infer<typeof projectSchema>;
export type ProjectDetail = z.infer<typeof projectDetailSchema>;
export type Environment = z.infer<typeof environmentSchema>;
export type EnvironmentDetail = z.infer<typeof environmentDetailSchema>;
export type OwnPermissions = z.infer<typeof ownPermissionsSchema>;
export type Permission = z.infer<typeof permissionSchema>;
export type SetupState = z.infer<typeof setupStateSchema>;
export type SetupDone = z.infer<typeof setupDoneSchema>;

/** Lists in numbered pages. */
export interface Paged<T> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly T[];
}

/** Lists with cursors. `next` may be set although the page is short. */
export interface CursorPage<T> {
  readonly results: readonly T[];
  readonly next: string | null;
}

/** Long work on the server. */
export interface Job {
  readonly id: string;
  readonly type: string;
  readonly status: "queued" | "running" | "done" | "failed" | "cancelled";
  readonly progress: {
    readonly done: number;
    readonly total: number | null;
    readonly changed: number;
    readonly failed: number;
  };
  readonly summary: string | null;
  readonly problems: readonly {
    readonly line?: number | undefined;
    readonly identifier?: string | undefined;
    readonly message: string;
  }[];
  readonly result_url: string | null;
  readonly cancellable: boolean;
}
