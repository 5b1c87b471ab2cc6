import { expect, test } from "vitest";
import type { Track } from "../api/types";
import { factorOf, gainDb } from "./levels";

const track = (album: string, gains: Partial<NonNullable<Track["replay_gain"]>> | null): Track => ({ album: { id: album, title: album }, replay_gain: gains && { track_gain_db: null, track_peak: null, album_gain_db: null, album_peak: null, ...gains } }) as unknown as Track;

test("a track's own gain is taken, or its album's", () => {
  const one = track("al-1", { track_gain_db: -9, album_gain_db: -7 });
  expect(gainDb(one, "track")).toBe(-9);
  expect(gainDb(one, "album")).toBe(-7);
  expect(gainDb(track("al-1", { album_gain_db: -7 }), "track")).toBe(-7);
});
test("an album in a row keeps its own steps, a mixed queue does not", () => {
  const one = track("al-1", { track_gain_db: -9, album_gain_db: -7 });
  expect(gainDb(one, "auto", [track("al-1", null)])).toBe(-7);
  expect(gainDb(one, "auto", [track("al-2", null), undefined])).toBe(-9);
});
test("nothing is made so loud that it clips", () => {
  expect(gainDb(track("al-1", { track_gain_db: 8, track_peak: 0.5 }), "track")).toBeCloseTo(6.02, 1);
});
test("off is as it is; without a gain it is a little softer", () => {
  expect(factorOf(gainDb(track("al-1", null), "off"), "off")).toBe(1);
  expect(factorOf(gainDb(track("al-1", null), "auto"), "auto")).toBeCloseTo(0.5, 1);
});
