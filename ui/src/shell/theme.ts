import { ActionIcon, Badge, Button, type CSSVariablesResolver, createTheme, type MantineColorsTuple, Paper, Tooltip } from "@mantine/core";

// The green of a sale-room's baize, the brass of its lamps, the red of a live light.
const baize: MantineColorsTuple = [
  "#e9f6f1", "#d3e9e1", "#a6d3c4", "#76bca5", "#4fa98b", "#369d7b", "#207a5d", "#17694f", "#125542", "#0a4233",
];
const brass: MantineColorsTuple = [
  "#fdf6e7", "#f6e9ce", "#ebd19d", "#e0b868", "#d7a33c", "#d1961f", "#b87f12", "#97670b", "#775106", "#5b3c00",
];
const live: MantineColorsTuple = [
  "#ffecec", "#fbd6d7", "#f2aaac", "#ea7c7f", "#e45558", "#e03c40", "#d92f33", "#b92327", "#a11c20", "#871519",
];
// Warm greys, so that dark pages look like a dim room and not like a terminal.
const dark: MantineColorsTuple = [
  "#d5d8d3", "#b4b9b3", "#8f968f", "#667069", "#455049", "#313b35", "#252d29", "#1b221f", "#141a17", "#0d110f",
];
const gray: MantineColorsTuple = [
  "#faf9f6", "#f4f2ed", "#eae7e0", "#dedad1", "#cac6bb", "#a9a59a", "#7f7c73", "#5c5a53", "#3a3935", "#232220",
];

export const theme = createTheme({
  colors: { baize, brass, live, dark, gray },
  primaryColor: "baize",
  primaryShade: { light: 7, dark: 6 },
  black: "#1c211e",
  defaultRadius: "md",
  autoContrast: true,
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", monospace',
  headings: {
    fontFamily: '"Fraunces Variable", Georgia, serif',
    fontWeight: "560",
    sizes: {
      h1: { fontSize: "clamp(1.75rem, 1.3rem + 1.8vw, 2.5rem)", lineHeight: "1.15" },
      h2: { fontSize: "1.5rem", lineHeight: "1.25" },
      h3: { fontSize: "1.2rem", lineHeight: "1.3" },
    },
  },
  components: {
    Button: Button.extend({ defaultProps: { radius: "md" } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", size: "lg" } }),
    Badge: Badge.extend({ defaultProps: { radius: "sm" }, styles: { root: { textTransform: "none" } } }),
    Paper: Paper.extend({ defaultProps: { radius: "lg" } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, multiline: true, maw: 280 } }),
  },
});

/** Mantine's own variables follow the tokens of global.css, so that both speak of the same paper and ink. */
export const variables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-default-border": "var(--line)",
    "--mantine-color-dimmed": "var(--quiet)",
    "--mantine-color-placeholder": "var(--placeholder)",
  };
  return {
    variables: {},
    light: { ...shared, "--mantine-color-error": "var(--mantine-color-live-7)" },
    dark: { ...shared, "--mantine-color-error": "var(--mantine-color-live-3)" },
  };
};
