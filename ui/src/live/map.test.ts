import { expect, test } from "vitest";
import { bounds, project } from "./map";

test("north is up and east is right", () => {
  const [x, y] = project(51.5, -0.1);
  const [east, north] = project(59.3, 18.1);
  expect(east).toBeGreaterThan(x);
  expect(north).toBeLessThan(y);
});
test("a map shows all its places with room around them", () => {
  const places = [{ latitude: 40.7, longitude: -74 }, { latitude: 37.8, longitude: -122.4 }, { latitude: 29.8, longitude: -95.4 }];
  const box = bounds(places);
  for (const place of places) {
    const [x, y] = project(place.latitude, place.longitude);
    expect(x).toBeGreaterThan(box.x);
    expect(x).toBeLessThan(box.x + box.width);
    expect(y).toBeGreaterThan(box.y);
    expect(y).toBeLessThan(box.y + box.height);
  }
  expect(box.width).toBeCloseTo(box.height * 2);
});
test("one place and none have a map as well", () => {
  expect(bounds([{ latitude: 48.1, longitude: 11.6 }]).width).toBeGreaterThan(10);
  expect(bounds([]).width).toBe(360);
});
