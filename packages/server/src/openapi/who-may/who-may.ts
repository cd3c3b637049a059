/**
 * Who may call a route, as the documentation says it. The routes ask `access` themselves; the authorisation tests call every
 * route as every kind of caller and hold both to the same table.
 */

/** Where a permission must be held. */
export type Place =
  | "environment"
  | "project"
  | "organisation"
  /** Whoever has credentials; it is answered about what it may see. */
  | "caller"
  /** Signed-in people, about themselves; no organisation key. */
  | "person"
  /** No credentials are needed. */
  | "anybody";

export interface WhoMay {
  readonly place: Place;
  /**
   * Each of these permissions is enough; "VIEW" is whoever may see the place. None: only its administrators. Administrators of
   * the place, and of what it lies in, always may.
   */
  readonly anyOf: readonly string[];
  /** What else has to be the case, as a sentence. */
  readonly also?: string;
}

/** By method and path: "GET /api/v1/projects/{id}/". */
export type WhoMayTable = Readonly<Record<string, WhoMay>>;

const within: Readonly<Record<"environment" | "project" | "organisation", string>> = {
  environment: "the environment, of its project or of its organisation",
  project: "the project or of its organisation",
  organisation: "the organisation",
};

function sentence({ place, anyOf }: WhoMay): string {
  if (place === "anybody") return "Anybody, without credentials.";
  if (place === "caller") return "Anybody with credentials; the answer holds what they may see.";
  if (place === "person") return "Signed-in people, about themselves.";
  if (anyOf.includes("VIEW")) {
    return place === "organisation" ? "Members of the organisation." : `Whoever may see the ${place}.`;
  }
  const administrators = `administrators of ${within[place]}`;
  if (anyOf.length === 0) return `Only ${administrators}.`;
  return `Holders of ${anyOf.join(" or ")} in the ${place}, and ${administrators}.`;
}

export const whoMayText = (may: WhoMay): string => (may.also ? `${sentence(may)} ${may.also}` : sentence(may));
