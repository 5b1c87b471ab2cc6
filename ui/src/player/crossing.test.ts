import { expect, test } from "vitest";
import type { Track } from "../api/types";
import { follows, plainFade } from "./crossing";

const track = (more: Partial<Track>): Track => ({ id: "tr-1", duration_ms: 200_000, album: { id: "al-1", title: "" }, disc: 1, position: 1, ...more }) as Track;

test("two strangers fade over the last seconds", () => {
  expect(plainFade(track({}), track({ album: { id: "al-2", title: "" } }), 6)).toEqual({ outMs: 194_000, inMs: 0, lengthMs: 6000, rate: 1, swapMs: null });
});
test("an album in its own order is left as it is", () => {
  expect(follows(track({}), track({ position: 2 }))).toBe(true);
  expect(plainFade(track({}), track({ position: 2 }), 6)).toBeNull();
  expect(plainFade(track({}), track({ position: 5 }), 6)).not.toBeNull();
});
test("what is short is not faded", () => {
  expect(plainFade(track({ duration_ms: 9_000 }), track({ album: { id: "al-2", title: "" } }), 6)).toBeNull();
});
