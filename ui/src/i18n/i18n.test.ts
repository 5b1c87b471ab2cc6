import { expect, test } from "vitest";
import { de } from "./de";
import { en } from "./en";
import { plurals } from "./plural";
import { clock, hoursMinutes, partialDate } from "./time";

test("times are shown as a player shows them", () => {
  expect(clock(187_400)).toBe("3:07");
  expect(clock(3_729_000)).toBe("1:02:09");
  expect(clock(Number.NaN)).toBe("0:00");
  expect(clock(-5)).toBe("0:00");
});
test("a short album is at least a minute long", () => {
  expect(hoursMinutes(4_000)).toEqual({ hours: 0, minutes: 1 });
  expect(hoursMinutes(7_500_000)).toEqual({ hours: 2, minutes: 5 });
});
test("partial dates keep what they do not say", () => {
  expect(partialDate("1977")).toEqual({ year: 1977, month: null, day: null });
  expect(partialDate("1977-05")).toEqual({ year: 1977, month: 5, day: null });
  expect(partialDate("May")).toBeNull();
});
test("plurals follow the language, and numbers its way of writing", () => {
  expect(plurals("en")(1, { one: "# album", other: "# albums" })).toBe("1 album");
  expect(plurals("en")(1204, { one: "# album", other: "# albums" })).toBe("1,204 albums");
  expect(plurals("de")(1204, { one: "# Album", other: "# Alben" })).toBe("1.204 Alben");
});
test("German says everything that English says", () => {
  for (const [key, message] of Object.entries(en)) expect(typeof de[key as keyof typeof de], key).toBe(typeof message);
});
