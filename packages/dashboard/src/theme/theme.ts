/** The look: calm, dense enough for work, no decoration. One accent; borders before shadows. */
import { type CSSVariablesResolver, createTheme } from "@mantine/core";
import { palette } from "./palette.ts";

const FONT = "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif";
const MONO = "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, monospace";

export const theme = createTheme({
  colors: palette,
  primaryColor: "signal",
  primaryShade: { light: 7, dark: 7 },
  fontFamily: FONT,
  fontFamilyMonospace: MONO,
  black: "#111a28",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  lineHeights: { xs: "1.4", sm: "1.4286", md: "1.4286", lg: "1.5", xl: "1.5" },
  spacing: { xs: "4px", sm: "8px", md: "16px", lg: "24px", xl: "32px" },
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  defaultRadius: "md",
  // 800 px: under it the rail is a sheet and tables are cards.
  breakpoints: { xs: "30em", sm: "50em", md: "64em", lg: "75em", xl: "88em" },
  headings: {
    fontFamily: FONT,
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "22px", lineHeight: "1.3" },
      h2: { fontSize: "17px", lineHeight: "1.35" },
      h3: { fontSize: "15px", lineHeight: "1.4" },
    },
  },
  cursorType: "pointer",
  components: {
    // A dialog's head is no banner of the page.
    DrawerHeader: { defaultProps: { role: "presentation" } },
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" }, centered: true } },
    ModalHeader: { defaultProps: { role: "presentation" } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Paper: { defaultProps: { withBorder: true, shadow: "none" } },
    PasswordInput: { defaultProps: { visibilityToggleButtonProps: { "aria-label": "Show the password" } } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, events: { hover: true, focus: true, touch: true } } },
  },
});

/**
 * Variables of our own, and Mantine's where its own grey or red falls under 4.5 to 1. `--source-…` are the colours of a
 * value's source, the same on every page.
 */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#536174",
    "--mantine-color-placeholder": "#647184",
    "--mantine-color-error": "#c2261f",
    "--mantine-color-anchor": palette.signal[7],
    "--mantine-color-default-border": "#8592a3",
    "--line": "#dfe4ea",
    "--ground": "#f7f9fb",
    "--source-default": palette.slate[6],
    "--source-split": palette.teal[7],
    "--source-segment": palette.violet[7],
    "--source-override": palette.coral[7],
  },
  dark: {
    "--mantine-color-body": palette.dark[7],
    "--mantine-color-dimmed": "#a3b0c2",
    "--mantine-color-placeholder": "#8695a9",
    "--mantine-color-error": "#ff9a90",
    "--mantine-color-anchor": palette.signal[3],
    "--mantine-color-default": palette.dark[6],
    "--mantine-color-default-border": "#66788f",
    "--line": "#2a384e",
    "--ground": "#0d1522",
    "--source-default": palette.slate[3],
    "--source-split": palette.teal[3],
    "--source-segment": palette.violet[3],
    "--source-override": palette.coral[3],
  },
});
