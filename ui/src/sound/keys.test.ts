import { expect, test } from "vitest";
import { camelotOf, keyAt, nameOfKey, openKeyOf, relation } from "./keys";

test("the wheel's landmarks", () => {
  expect(camelotOf({ tonic: 9, mode: "minor" })).toBe("8A");
  expect(camelotOf({ tonic: 0, mode: "major" })).toBe("8B");
  expect(camelotOf({ tonic: 11, mode: "major" })).toBe("1B");
  expect(openKeyOf({ tonic: 9, mode: "minor" })).toBe("1m");
  expect(openKeyOf({ tonic: 0, mode: "major" })).toBe("1d");
});
test("every place of the wheel has a key of its own, and the way back leads to it", () => {
  for (const mode of ["major", "minor"] as const) for (let hour = 1; hour <= 12; hour += 1) expect(camelotOf(keyAt(hour, mode))).toBe(`${hour}${mode === "minor" ? "A" : "B"}`);
});
test("names, in English and German", () => {
  expect(nameOfKey({ tonic: 10, mode: "minor" })).toBe("B♭ minor");
  expect(nameOfKey({ tonic: 6, mode: "minor" }, { short: true })).toBe("F♯m");
  expect(nameOfKey({ tonic: 11, mode: "minor" }, { german: true })).toBe("h-Moll");
  expect(nameOfKey({ tonic: 10, mode: "major" }, { german: true })).toBe("B-Dur");
  expect(nameOfKey({ tonic: 8, mode: "major" }, { german: true })).toBe("As-Dur");
});
test("what mixes well", () => {
  const a = { tonic: 9, mode: "minor" } as const;
  expect(relation(a, { tonic: 4, mode: "minor" })).toBe("neighbour");
  expect(relation(a, { tonic: 0, mode: "major" })).toBe("relative");
  expect(relation(a, { tonic: 10, mode: "minor" })).toBe("far");
});
