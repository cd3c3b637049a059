/** The colours. Each list goes from the lightest to the darkest, as Mantine counts: 0 to 9. */
import type { MantineColorsTuple } from "@mantine/core";

/** The one accent: primary actions and focus. */
const signal: MantineColorsTuple = [
  "#edf3ff",
  "#d8e5fe",
  "#b0caf9",
  "#85adf4",
  "#5f93ef",
  "#3f7ceb",
  "#2468e4",
  "#1556c4",
  "#104aab",
  "#0b3b8c",
];

/** Ink blue, for dark pages: 0 is text, 7 the page, 9 the deepest. */
const dark: MantineColorsTuple = [
  "#d9e1ec",
  "#b9c4d3",
  "#9aa8bb",
  "#74849b",
  "#3a4a62",
  "#2a384e",
  "#1d293c",
  "#121b2a",
  "#0d1522",
  "#090f19",
];

const slate: MantineColorsTuple = [
  "#f8fafc",
  "#f1f5f9",
  "#e2e8f0",
  "#cbd5e1",
  "#94a3b8",
  "#64748b",
  "#475569",
  "#334155",
  "#1e293b",
  "#0f172a",
];

const teal: MantineColorsTuple = [
  "#f0fdfa",
  "#ccfbf1",
  "#99f6e4",
  "#5eead4",
  "#2dd4bf",
  "#14b8a6",
  "#0d9488",
  "#0f766e",
  "#115e59",
  "#134e4a",
];

const violet: MantineColorsTuple = [
  "#f5f3ff",
  "#ede9fe",
  "#ddd6fe",
  "#c4b5fd",
  "#a78bfa",
  "#8b5cf6",
  "#7c3aed",
  "#6d28d9",
  "#5b21b6",
  "#4c1d95",
];

const coral: MantineColorsTuple = [
  "#fff4f0",
  "#ffe4dc",
  "#ffc8b8",
  "#ffa48c",
  "#f97f61",
  "#ea5d3c",
  "#d04526",
  "#ab361c",
  "#8a2d19",
  "#6f2718",
];

/** Destruction and errors. 4 is read on ink, 7 on paper: both at more than 4.5 to 1. */
const red: MantineColorsTuple = [
  "#fff1f0",
  "#ffdedb",
  "#ffb8b2",
  "#ff9a90",
  "#ff8a7f",
  "#e85648",
  "#d63a2e",
  "#c2261f",
  "#b8231c",
  "#b01f18",
];

export const palette = { signal, dark, slate, teal, violet, coral, red };
