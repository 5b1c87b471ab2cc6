import { expect, test } from "vitest";
import { barsOf, lengthOf, type Peaks } from "./bars";

const peaks: Peaks = { sampleRate: 1000, samplesPerPixel: 100, pairs: Int8Array.from([-128, 64, 0, 0, -64, 64, 0, 127]), bands: Uint8Array.from([255, 0, 0, 0, 0, 0, 100, 200, 50, 0, 0, 255]) };

test("the length follows from the rate and the pairs", () => { expect(lengthOf(peaks)).toBe(400) });
test("each bar is as tall as its strongest sample", () => {
  const bars = barsOf(peaks, 4);
  expect(bars.map((bar) => Math.round(bar.peak * 100))).toEqual([100, 0, 50, 99]);
});
test("the strongest band is as tall as the bar, and the others are less", () => {
  const bar = barsOf(peaks, 4)[2]!;
  expect(bar.mid).toBeCloseTo(0.5);
  expect(bar.low).toBeLessThan(bar.mid);
  expect(bar.low).toBeGreaterThan(bar.high);
});
test("silence and what lies beyond the end are flat", () => {
  expect(barsOf(peaks, 1, 100, 200)[0]!.peak).toBe(0);
  expect(barsOf(peaks, 1, 900, 1000)[0]).toEqual({ peak: 0, low: 0, mid: 0, high: 0 });
});
test("without bands everything is drawn in one", () => {
  expect(barsOf({ ...peaks, bands: null }, 1, 0, 100)[0]).toMatchObject({ low: 1, mid: 0 });
});
