/** The music map: where points are on the screen, and which one is under the pointer. */

export interface Points { ids: readonly string[]; x: ArrayLike<number>; y: ArrayLike<number>; cluster: ArrayLike<number> }
/** What of the map is shown: `scale` pixels a unit, `left` and `top` the map's place at the corner of the screen. */
export interface View { scale: number; left: number; top: number }
export interface Box { width: number; height: number }

const MARGIN = 0.06;
export const MOST = 200;

/** Shows everything, with a margin. */
export function whole(points: Points, box: Box): View {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < points.ids.length; at += 1) {
    x0 = Math.min(x0, points.x[at]!); x1 = Math.max(x1, points.x[at]!);
    y0 = Math.min(y0, points.y[at]!); y1 = Math.max(y1, points.y[at]!);
  }
  if (!points.ids.length) [x0, x1, y0, y1] = [-1, 1, -1, 1];
  const [wide, tall] = [Math.max(x1 - x0, 1e-6), Math.max(y1 - y0, 1e-6)];
  const scale = Math.min(box.width / wide, box.height / tall) * (1 - 2 * MARGIN);
  return { scale, left: (x0 + x1) / 2 - box.width / 2 / scale, top: (y0 + y1) / 2 - box.height / 2 / scale };
}

/** Nearer or farther around a place of the screen, between the whole (`least`) and `MOST` times of it. */
export function zoomed(view: View, factor: number, at: { x: number; y: number }, least: number): View {
  const scale = Math.min(least * MOST, Math.max(least * 0.7, view.scale * factor));
  return { scale, left: view.left + at.x / view.scale - at.x / scale, top: view.top + at.y / view.scale - at.y / scale };
}

export const moved = (view: View, dx: number, dy: number): View => ({ ...view, left: view.left - dx / view.scale, top: view.top - dy / view.scale });
export const onScreen = (view: View, x: number, y: number): { x: number; y: number } => ({ x: (x - view.left) * view.scale, y: (y - view.top) * view.scale });

/** The index of the point nearest to a place of the screen within `reach` pixels; -1: none. */
export function nearest(points: Points, view: View, at: { x: number; y: number }, reach = 14): number {
  let best = -1;
  let least = reach * reach;
  for (let index = 0; index < points.ids.length; index += 1) {
    const dx = (points.x[index]! - view.left) * view.scale - at.x;
    const dy = (points.y[index]! - view.top) * view.scale - at.y;
    const far = dx * dx + dy * dy;
    if (far < least) { least = far; best = index }
  }
  return best;
}

/** Points inside a drawn circle of the screen, as indices, nearest to its middle first. */
export function within(points: Points, view: View, at: { x: number; y: number }, radius: number): number[] {
  const found: [number, number][] = [];
  for (let index = 0; index < points.ids.length; index += 1) {
    const far = Math.hypot((points.x[index]! - view.left) * view.scale - at.x, (points.y[index]! - view.top) * view.scale - at.y);
    if (far <= radius) found.push([far, index]);
  }
  return found.sort((a, b) => a[0] - b[0]).map(([, index]) => index);
}

/** A hue (degrees) for a cluster: far apart for neighbours in number. */
export const hueOfCluster = (cluster: number): number => (cluster * 137.508 + 28) % 360;
