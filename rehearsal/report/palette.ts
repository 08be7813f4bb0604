import type { Kind } from "./format";

/** Colours of the page by what they are for. */
export interface Palette {
  readonly background: string;
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  /** Lines that only decorate. */
  readonly line: string;
  /** Borders of controls. */
  readonly border: string;
  readonly accent: string;
  readonly critical: string;
  readonly failed: string;
  readonly succeeded: string;
  readonly onFailed: string;
  /** Hatching of what waits. */
  readonly waiting: string;
  readonly throttled: string;
  readonly onThrottled: string;
  readonly bars: Readonly<Record<Kind, Bar>>;
}

/** Colours of a bar: `edge` tells it from the background, `text` is written on it. */
export interface Bar {
  readonly fill: string;
  readonly edge: string;
  readonly text: string;
}

/**
 * The bars' colours can be told apart by the colour-blind (Okabe and Ito, "Color Universal Design", 2008): blue (sky blue
 * in the dark), bluish green, orange, grey, reddish purple; vermilion for the critical path, yellow for what is throttled.
 */
export const palettes: Readonly<Record<"light" | "dark", Palette>> = {
  light: {
    background: "#ffffff",
    surface: "#f4f6f9",
    text: "#1a1f26",
    muted: "#55606e",
    line: "#d9dfe6",
    border: "#7a8694",
    accent: "#0b5cad",
    critical: "#d55e00",
    failed: "#b3001b",
    onFailed: "#ffffff",
    succeeded: "#0a6b3d",
    waiting: "#6b7684",
    throttled: "#f0e442",
    onThrottled: "#4d4700",
    bars: {
      azure: { fill: "#0072b2", edge: "#004f7c", text: "#ffffff" },
      kubernetes: { fill: "#009e73", edge: "#006b4e", text: "#04140f" },
      contracts: { fill: "#e69f00", edge: "#8f6300", text: "#1a1200" },
      keys: { fill: "#999999", edge: "#666666", text: "#0d0d0d" },
      other: { fill: "#cc79a7", edge: "#8a3f68", text: "#1c0812" },
    },
  },
  dark: {
    background: "#12161c",
    surface: "#1b212a",
    text: "#e8ecf1",
    muted: "#a9b3bf",
    line: "#303946",
    border: "#788595",
    accent: "#7cc0ff",
    critical: "#ff8a3d",
    failed: "#ff6b6b",
    onFailed: "#2b0005",
    succeeded: "#5fd39a",
    waiting: "#8b97a5",
    throttled: "#f0e442",
    onThrottled: "#4d4700",
    bars: {
      azure: { fill: "#56b4e9", edge: "#9bd4f5", text: "#06151e" },
      kubernetes: { fill: "#1fae84", edge: "#6ed9b8", text: "#04140f" },
      contracts: { fill: "#e69f00", edge: "#ffcf66", text: "#1a1200" },
      keys: { fill: "#999999", edge: "#c4c4c4", text: "#0d0d0d" },
      other: { fill: "#cc79a7", edge: "#eab3d0", text: "#1c0812" },
    },
  },
};

/** The palette as CSS custom properties: `--azure`, `--azure-edge`, `--azure-text`, `--on-failed`, … */
export const paletteCss = ({ bars, ...colours }: Palette): string =>
  [
    ...Object.entries(colours).map(
      ([name, colour]) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${colour};`,
    ),
    ...Object.entries(bars).map(
      ([kind, { fill, edge, text }]: [string, Bar]) =>
        `--${kind}:${fill};--${kind}-edge:${edge};--${kind}-text:${text};`,
    ),
  ].join("");

/** Relative luminance of `#rrggbb` (WCAG 2.2, "relative luminance"). */
const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"): AA asks 4.5 of text and 3 of graphics. */
export const contrast = (a: string, b: string): number => {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
};
