/** How much is asked and evaluated: an environment's charts, and an organisation's requests as Flagsmith lists them. */
import { drf } from "@burgee/contract";
import {
  idParams,
  type UsageDataQuery,
  usageDataQuery,
  usageDataSchema,
  usageQuery,
  usageSchema,
  usageTotalSchema,
} from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import type { Db } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest } from "../../http/admin-door.ts";
import { presentUsage, presentUsageData, sumOf } from "./present-usage.ts";
import { evaluationRows, featureTotals, findFeature, requestRows } from "./usage-admin.store.ts";

export interface UsageDeps {
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const DAY_MS = 86_400_000;
const PERIOD_DAYS = 30;
const tag = "usage";

/** The last `days` days, today among them; or as many that end `before` days earlier. */
function lastDays(now: number, days: number, before = 0): readonly [number, number] {
  const today = Math.floor(now / DAY_MS) - before;
  return [today - days + 1, today];
}

const PERIODS: Readonly<Record<NonNullable<UsageDataQuery["period"]>, readonly [days: number, before: number]>> = {
  current_billing_period: [PERIOD_DAYS, 0],
  previous_billing_period: [PERIOD_DAYS, PERIOD_DAYS],
  "90_day_period": [90, 0],
};

/** What is filtered by has to be the organisation's, and seen. */
async function checkFilter(access: Access, organisationId: number, query: UsageDataQuery): Promise<void> {
  const { project_id, environment_id } = query;
  const named = [
    project_id === undefined ? undefined : (await access.project(project_id, "VIEW")).project,
    environment_id === undefined ? undefined : (await access.environment(environment_id, "VIEW")).project,
  ];
  if (named.some((project) => project && project.organisation_id !== organisationId)) throw new AppError("not_found");
}

export function mountUsage(api: AdminApi, { db, now }: UsageDeps): void {
  api.route(
    {
      method: "get",
      path: "/api/v1/environments/{key}/usage/",
      summary: "Evaluations and requests a day and SDK, for charts",
      tag,
      params: drf.object({ key: drf.string() }),
      query: usageQuery,
      responses: { 200: usageSchema },
    },
    async ({ access, params: { key }, query }) => {
      const { environment, project } = await access.environment(key, "VIEW");
      const feature = query.feature === undefined ? undefined : await findFeature(db.kysely, project.id, query.feature);
      if (query.feature !== undefined && !feature) throw badRequest({ feature: ["There is no such feature."] });
      const period = lastDays(now(), query.days ?? PERIOD_DAYS);
      const [since] = period;
      const [evaluations, requests, features] = await Promise.all([
        evaluationRows(db.kysely, environment.id, since, feature?.id),
        requestRows(db.kysely, {
          organisationId: project.organisation_id,
          environmentId: environment.id,
          days: period,
        }),
        feature ? [] : featureTotals(db.kysely, environment.id, since),
      ]);
      return presentUsage({ feature, period, evaluations, requests, features });
    },
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/organisations/{id}/usage-data/",
      summary: "Requests a day and SDK",
      tag,
      params: idParams,
      query: usageDataQuery,
      responses: { 200: usageDataSchema },
    },
    async ({ access, params: { id }, query }) => {
      await access.organisation(id, "VIEW");
      await checkFilter(access, id, query);
      const [days, before] = PERIODS[query.period ?? "current_billing_period"];
      const rows = await requestRows(db.kysely, {
        organisationId: id,
        projectId: query.project_id,
        environmentId: query.environment_id,
        days: lastDays(now(), days, before),
        sdk: query.user_agent,
      });
      return presentUsageData(rows);
    },
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/organisations/{id}/usage-data/total-count/",
      summary: "Requests of the last 30 days",
      tag,
      params: idParams,
      responses: { 200: usageTotalSchema },
    },
    async ({ access, params: { id } }) => {
      await access.organisation(id, "VIEW");
      const rows = await requestRows(db.kysely, { organisationId: id, days: lastDays(now(), PERIOD_DAYS) });
      return { count: sumOf(rows) };
    },
  );
}
