/** How an environment is told from the others at a glance. Its name stands beside the colour, always. */

export interface EnvironmentLook {
  readonly isProduction: boolean;
  /** Of its dot, and of the bar over its pages. */
  readonly colour: string;
  /** What the bar says. */
  readonly banner: string | undefined;
}

interface Named {
  readonly name: string;
  readonly banner_text: string | null;
  readonly banner_colour: string | null;
}

const PRODUCTION = "#c2255c";
/** None of these is a colour of a source, of the accent or of destruction. */
const OTHERS = ["#2b8a3e", "#0b7285", "#a16207", "#5b6b80", "#86198f"] as const;

const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/^dev|local/i, OTHERS[0]],
  [/stag|pre-?prod|uat/i, OTHERS[2]],
  [/test|qa/i, OTHERS[1]],
];

const isColour = (text: string | null): text is string => text !== null && /^#[0-9a-f]{6}$/i.test(text);

function hashOf(text: string): number {
  let hash = 0;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}

export function environmentLook({ name, banner_text, banner_colour }: Named): EnvironmentLook {
  const banner = banner_text?.trim() || undefined;
  const isProduction = (/prod/i.test(name) && !/pre-?prod|non-?prod/i.test(name)) || banner !== undefined;
  const derived =
    BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ??
    (isProduction ? PRODUCTION : (OTHERS[hashOf(name) % OTHERS.length] ?? OTHERS[3]));
  return { isProduction, colour: isColour(banner_colour) ? banner_colour : derived, banner };
}

/** Black or white, whichever reads better on a colour. */
export function inkOn(colour: string): "#000000" | "#ffffff" {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.179 ? "#000000" : "#ffffff";
}
