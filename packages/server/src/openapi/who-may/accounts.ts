import type { WhoMay, WhoMayTable } from "./who-may.ts";

const anybody: WhoMay = { place: "anybody", anyOf: [] };

export const accountsWhoMay: WhoMayTable = {
  "GET /api/v1/setup/": anybody,
  "GET /api/v1/setup/{token}/": anybody,
  "POST /api/v1/setup/{token}/": anybody,
};
