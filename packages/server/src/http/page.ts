/** Which page of a list is asked for, and its answer. */
import type { PageQuery } from "@burgee/contract/admin";
import { AppError } from "../errors.ts";
import { MAX_PAGE_SIZE, type Page, paged } from "./admin-door.ts";

const invalidPage = () => new AppError("not_found", { detail: "Invalid page." });

export interface PageRange extends Page {
  readonly offset: number;
  readonly limit: number;
}

/** Django REST's rules: no such page is 404, a size that makes no sense is the default. */
export function pageOf(query: PageQuery, defaultSize = 10): PageRange {
  const { page = 1, page_size: size = 0 } = query;
  if (page < 1) throw invalidPage();
  const pageSize = size < 1 ? defaultSize : Math.min(size, MAX_PAGE_SIZE);
  return { page, pageSize, offset: (page - 1) * pageSize, limit: pageSize };
}

export function answerPage<T>(request: Request, range: PageRange, count: number, results: readonly T[]) {
  if (range.page > 1 && range.offset >= count) throw invalidPage();
  return paged(request, range, count, results);
}
