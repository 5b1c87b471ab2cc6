/** The hue of a cover: from its dominant colour to the one accent of a page. */

export interface Hue { hue: number; tint: number }

/** Hue (degrees, OKLCH) and strength (0 to 1) of a "#rrggbb" colour. The formula is Björn Ottosson's OKLab. Null if it is no colour. */
export function hueOf(color: string | null | undefined): Hue | null {
  const found = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color ?? "");
  if (!found) return null;
  const [r, g, b] = found.slice(1).map((part) => {
    const value = parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const x = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const y = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const chroma = Math.hypot(x, y);
  const hue = ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
  // Nearly grey covers keep the page nearly grey; anything with a colour of its own colours it fully.
  return { hue: Math.round(hue * 10) / 10, tint: Math.round(Math.min(1, Math.max(0.12, chroma / 0.05)) * 100) / 100 };
}

/** A stable number for a text (FNV-1a), for covers drawn from titles. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The hue of something without a cover: from its title. */
export const hueFromText = (text: string): Hue => ({ hue: seedOf(text) % 360, tint: 1 });

/** As CSS variables. */
export const hueStyle = (hue: Hue | null): string => (hue ? `--hue:${hue.hue};--tint:${hue.tint}` : "");
