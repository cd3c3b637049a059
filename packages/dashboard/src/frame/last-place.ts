/** Where somebody last worked, in this browser: so that coming back needs no choosing. */
const KEY = "burgee-last-place";

export interface Place {
  readonly projectId: number;
  readonly environmentKey: string;
}

export function lastPlace(): Place | undefined {
  try {
    const place: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (typeof place !== "object" || place === null) return undefined;
    const { projectId, environmentKey } = place as Record<string, unknown>;
    return typeof projectId === "number" && typeof environmentKey === "string"
      ? { projectId, environmentKey }
      : undefined;
  } catch {
    return undefined;
  }
}

export function rememberPlace(place: Place): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // Storage is closed to us: the first environment is as good.
  }
}
