/** The hue of the page one is on, for what stands around it. */

import type { Hue } from "../parts/hue";

/** Sets the hue of the whole app, or gives it back its own with null. */
export function pageHue(hue: Hue | null): void {
  const style = document.documentElement.style;
  if (!hue) { style.removeProperty("--hue"); style.removeProperty("--tint"); return }
  style.setProperty("--hue", String(hue.hue));
  style.setProperty("--tint", String(hue.tint));
}
