import { expect, test } from "vitest";
import { moved, nearest, onScreen, whole, within, zoomed, type Points } from "./map";

const points: Points = { ids: ["a", "b", "c"], x: [0, 10, 0], y: [0, 0, 10], cluster: [0, 1, 1] };
const box = { width: 400, height: 400 };

test("the whole map fits the screen", () => {
  const view = whole(points, box);
  for (let at = 0; at < 3; at += 1) {
    const { x, y } = onScreen(view, points.x[at]!, points.y[at]!);
    expect(x).toBeGreaterThan(0); expect(x).toBeLessThan(400);
    expect(y).toBeGreaterThan(0); expect(y).toBeLessThan(400);
  }
});
test("zooming keeps what is under the pointer where it is", () => {
  const view = whole(points, box);
  const at = onScreen(view, 10, 0);
  const closer = zoomed(view, 3, at, view.scale);
  expect(onScreen(closer, 10, 0).x).toBeCloseTo(at.x);
  expect(closer.scale).toBeCloseTo(view.scale * 3);
});
test("it cannot be lost by zooming out", () => {
  const view = whole(points, box);
  expect(zoomed(view, 0.0001, { x: 0, y: 0 }, view.scale).scale).toBeCloseTo(view.scale * 0.7);
});
test("dragging moves it, and the nearest point is found", () => {
  const view = moved(whole(points, box), 20, 0);
  const at = onScreen(view, 0, 10);
  expect(nearest(points, view, { x: at.x + 3, y: at.y })).toBe(2);
  expect(nearest(points, view, { x: at.x + 60, y: at.y })).toBe(-1);
  expect(within(points, view, at, 50)).toEqual([2]);
});
test("a map of nothing, and of one point, can be shown", () => {
  expect(Number.isFinite(whole({ ids: [], x: [], y: [], cluster: [] }, box).scale)).toBe(true);
  expect(Number.isFinite(whole({ ids: ["a"], x: [3], y: [3], cluster: [0] }, box).left)).toBe(true);
});
