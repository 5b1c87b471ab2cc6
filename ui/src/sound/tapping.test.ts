import { expect, test } from "vitest";
import { Tapping } from "./tapping";

test("four taps make a tempo", () => {
  const tapping = new Tapping();
  expect([0, 500, 1000].map((at) => tapping.tap(at))).toEqual([null, null, null]);
  expect(tapping.tap(1500)).toBeCloseTo(120);
});
test("an unsteady hand and a tap left out do no harm", () => {
  const tapping = new Tapping();
  for (const at of [0, 510, 995, 1500, 2500, 3010]) tapping.tap(at);
  expect(tapping.bpm!).toBeGreaterThan(117);
  expect(tapping.bpm!).toBeLessThan(123);
});
test("after a pause it begins anew", () => {
  const tapping = new Tapping();
  for (const at of [0, 500, 1000, 1500]) tapping.tap(at);
  tapping.tap(9000);
  expect(tapping.count).toBe(1);
  expect(tapping.bpm).toBeNull();
});
