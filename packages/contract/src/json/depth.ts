/** Whether lists and objects nest more than `levels` deep. Looks no further than that, so it cannot exhaust the stack. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, levels - 1));
  for (const key in value) {
    if (isDeeperThan(value[key as keyof typeof value], levels - 1)) return true;
  }
  return false;
}
