/** Lists in pages: `?page=2&page_size=50`, answered `{count, next, previous, results}`. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

/** Django REST calls a page that is no number a page that is not there, and ignores a size that is none. */
function lenientInteger(otherwise: number): drf.Field<number> {
  const integer = drf.integer();
  return drf.field(z.int(), (value) => {
    const parsed = drf.parse(integer, value);
    return drf.accept(parsed.ok ? parsed.value : otherwise);
  });
}

/** Spread into the query of a list. */
export const pageFields = {
  page: lenientInteger(0).optional().describe("From 1."),
  page_size: lenientInteger(0).optional().describe("At most 999."),
};

export interface PageQuery {
  readonly page?: number | undefined;
  readonly page_size?: number | undefined;
}

export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    count: z.int().describe("How many there are in all."),
    next: z.string().nullable().describe("Address of the next page."),
    previous: z.string().nullable().describe("Address of the page before."),
    results: z.array(item),
  });
}
