/** The arithmetic of long lists: which rows stand in the window, and where each begins. Sizes are CSS pixels. */

export interface Window { first: number; last: number }

export interface Rows {
  readonly count: number;
  /** The height of all rows together. */
  readonly size: number;
  /** Where row `index` begins. */
  offset(index: number): number;
  /** The rows between two heights, with `extra` rows on each side; `last` is exclusive. */
  between(top: number, bottom: number, extra: number): Window;
}

/** Rows of one height. */
export function evenRows(count: number, height: number): Rows {
  const within = (index: number) => Math.min(count, Math.max(0, index));
  return {
    count,
    size: count * height,
    offset: (index) => index * height,
    between: (top, bottom, extra) => ({ first: within(Math.floor(top / height) - extra), last: within(Math.ceil(bottom / height) + extra) }),
  };
}

/** Rows of different heights. */
export function unevenRows(heights: readonly number[]): Rows {
  const starts = new Float64Array(heights.length + 1);
  heights.forEach((height, index) => { starts[index + 1] = (starts[index] as number) + height });
  const at = (y: number): number => {
    let low = 0;
    let high = heights.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle + 1] as number) <= y) low = middle + 1; else high = middle;
    }
    return low;
  };
  return {
    count: heights.length,
    size: starts[heights.length] as number,
    offset: (index) => starts[Math.min(index, heights.length)] as number,
    between: (top, bottom, extra) => ({ first: Math.max(0, at(top) - extra), last: Math.min(heights.length, at(bottom) + ((starts[at(bottom)] as number) < bottom ? 1 : 0) + extra) }),
  };
}

/** How many columns of at least `least` pixels fit, and how wide each becomes. */
export function columns(width: number, least: number, gap: number): { count: number; width: number } {
  const count = Math.max(1, Math.floor((width + gap) / (least + gap)));
  return { count, width: (width - gap * (count - 1)) / count };
}
