import { expect, test } from "vitest";
import { byDay, dayOf } from "./days";

const play = (id: string, played_at: string, zone_offset_minutes = 0) => ({ id, played_at, zone_offset_minutes });

test("a play is of the day that it was for the one who heard it", () => {
  expect(dayOf(play("a", "2026-11-20T23:30:00Z", 60))).toBe("2026-11-21");
  expect(dayOf(play("b", "2026-11-21T03:30:00Z", -300))).toBe("2026-11-20");
});
test("plays stand under their days, and a day that goes on does not say how many it has", () => {
  const plays = [play("a", "2026-11-20T10:00:00Z"), play("b", "2026-11-20T09:00:00Z"), play("c", "2026-11-19T09:00:00Z")];
  expect(byDay(plays, false)).toEqual([{ day: "2026-11-20", count: 2 }, { play: plays[0] }, { play: plays[1] }, { day: "2026-11-19", count: null }, { play: plays[2] }]);
  expect(byDay(plays, true)[3]).toEqual({ day: "2026-11-19", count: 1 });
  expect(byDay([], true)).toEqual([]);
});
