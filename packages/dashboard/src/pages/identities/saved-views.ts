/** Searches that a person keeps by name, in their browser. */
import { z } from "zod";

export interface View {
  readonly name: string;
  readonly q?: string | undefined;
  readonly sort?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

const viewsSchema = z.array(
  z.object({
    name: z.string().min(1),
    q: z.string().optional(),
    sort: z.string().optional(),
    columns: z.array(z.string()).optional(),
  }),
);

export const MOST_VIEWS = 50;

export const viewsKey = (person: number, project: number): string => `burgee:views:${person}:${project}`;

/** What cannot be read counts as none. */
export function readViews(stored: string | null): View[] {
  if (stored === null) return [];
  try {
    const read = viewsSchema.safeParse(JSON.parse(stored));
    return read.success ? read.data : [];
  } catch {
    return [];
  }
}

/** A view of the same name is replaced; the newest is the last to go. */
export function withView(views: readonly View[], view: View): View[] {
  const others = views.filter(({ name }) => name !== view.name);
  return [...others.slice(-(MOST_VIEWS - 1)), view].sort((a, b) => a.name.localeCompare(b.name));
}

export const withoutView = (views: readonly View[], name: string): View[] => views.filter((view) => view.name !== name);

export const isSameView = (a: Omit<View, "name">, b: Omit<View, "name">): boolean =>
  (a.q ?? "") === (b.q ?? "") &&
  (a.sort ?? "") === (b.sort ?? "") &&
  (a.columns ?? []).join() === (b.columns ?? []).join();
