/** A plain map: places on a plane, and the part of it that shows them all. */

export interface Box { x: number; y: number; width: number; height: number }

const RATIO = 2;
const LEAST = 14;
const ROUND = 1.25;

/** Degrees to the plane, by Miller's cylindrical projection (1942), y downwards: 0 to 360 across. */
export function project(latitude: number, longitude: number): [number, number] {
  const radians = (Math.max(-85, Math.min(85, latitude)) * Math.PI) / 180;
  return [longitude + 180, 132 - (1.25 * Math.log(Math.tan(Math.PI / 4 + 0.4 * radians)) * 180) / Math.PI];
}

/** The part of the map, twice as wide as high, that has all these places and some room around them; the world for none. */
export function bounds(places: readonly { latitude: number; longitude: number }[]): Box {
  if (!places.length) return { x: 0, y: 20, width: 360, height: 180 };
  const points = places.map((one) => project(one.latitude, one.longitude));
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const width = Math.max(LEAST, (Math.max(...xs) - Math.min(...xs)) * ROUND, (Math.max(...ys) - Math.min(...ys)) * ROUND * RATIO);
  const x = (Math.max(...xs) + Math.min(...xs)) / 2 - width / 2;
  const y = (Math.max(...ys) + Math.min(...ys)) / 2 - width / RATIO / 2;
  return { x, y, width, height: width / RATIO };
}
