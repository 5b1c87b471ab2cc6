/** How many cards of a wall stand side by side in an element, and how tall a row becomes. */

import { columns, evenRows, type Rows } from "./virtual";

export const GAP = 16;
const ROW_GAP = 24;
const LEAST = 168;
const LEAST_PHONE = 136;
const WORDS = 56;

/** The measures of a wall in an element of this width (pixels), with `count` cards. */
export function wallOf(width: number, count: number): { columns: number; card: number; rows: Rows } {
  const fit = columns(Math.max(width, 1), width < 640 ? LEAST_PHONE : LEAST, GAP);
  return { columns: fit.count, card: fit.width, rows: evenRows(Math.ceil(count / fit.count), fit.width + WORDS + ROW_GAP) };
}
